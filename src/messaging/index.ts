/**
 * Rings, queues and the codec for small values.
 * @module
 */
export { Items } from './items.ts';
export { Patience } from './patience.ts';
export { BatchReader, BatchWriter } from './record-batch.ts';
export { RecordQueue } from './record-queue.ts';
export { createReplyRing, type ReplyRingMemory, ReplyReceiver, ReplySender } from './reply-ring.ts';
export { createTaskRing, TaskReceiver, type TaskRingMemory, TaskSender } from './task-ring.ts';
export { NO_ROOM, NOT_COMPACT, ValueCodec } from './value-codec.ts';
