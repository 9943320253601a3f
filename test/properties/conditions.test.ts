/** Condition against a queue beside a lock. @module */
import { agreesAmongWorkers } from './models/among-workers.ts';
import { agreesInOneThread } from './models/in-one-thread.ts';

agreesInOneThread('Condition');
agreesAmongWorkers('Condition');
