/** The contracts of queues, kept in process scope. @module */
import { queueShutdownContract } from '../contract/queue-shutdown.ts';
import { queueUseContract } from '../contract/queue-use.ts';
import { queueValuesContract } from '../contract/queue-values.ts';
import { queuesContract } from '../contract/queues.ts';

queuesContract('process');
queueShutdownContract('process');
queueValuesContract('process');
queueUseContract('process');
