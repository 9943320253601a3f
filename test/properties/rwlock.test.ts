/** RwLock against a writer, readers and a queue. @module */
import { agreesAmongWorkers } from './models/among-workers.ts';
import { agreesInOneThread } from './models/in-one-thread.ts';

agreesInOneThread('RwLock');
agreesAmongWorkers('RwLock');
