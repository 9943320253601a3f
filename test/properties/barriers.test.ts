/** Barrier against those who have arrived and those who wait outside. @module */
import { agreesAmongWorkers } from './models/among-workers.ts';
import { agreesInOneThread } from './models/in-one-thread.ts';

agreesInOneThread('Barrier');
agreesAmongWorkers('Barrier');
