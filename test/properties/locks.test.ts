/** Lock and RLock against a holder and a queue. @module */
import { agreesAmongWorkers } from './models/among-workers.ts';
import { agreesInOneThread } from './models/in-one-thread.ts';

agreesInOneThread('Lock');
agreesAmongWorkers('Lock');
agreesInOneThread('RLock');
agreesAmongWorkers('RLock');
