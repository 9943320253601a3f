/** Semaphore and BoundedSemaphore against a number and a queue. @module */
import { agreesAmongWorkers } from './models/among-workers.ts';
import { agreesInOneThread } from './models/in-one-thread.ts';

agreesInOneThread('Semaphore');
agreesAmongWorkers('Semaphore');
agreesInOneThread('BoundedSemaphore');
agreesAmongWorkers('BoundedSemaphore');
