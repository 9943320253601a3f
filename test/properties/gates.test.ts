/** Event and Latch against a flag and a count. @module */
import { agreesAmongWorkers } from './models/among-workers.ts';
import { agreesInOneThread } from './models/in-one-thread.ts';

agreesInOneThread('Event');
agreesAmongWorkers('Event');
agreesInOneThread('Latch');
agreesAmongWorkers('Latch');
