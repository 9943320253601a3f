/** The contracts of queues, kept in thread scope. @module */
import { queueShutdownContract } from '../contract/queue-shutdown.ts';
import { queueUseContract } from '../contract/queue-use.ts';
import { queueValuesContract } from '../contract/queue-values.ts';
import { queuesContract } from '../contract/queues.ts';

queuesContract('thread');
queueShutdownContract('thread');
queueValuesContract('thread');
queueUseContract('thread');
