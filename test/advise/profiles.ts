/**
 * What a first look might say of a function.
 * @module
 */
import type { TaskProfile } from '../../src/advise/task-figures.ts';

/** Ten milliseconds a call, of whatever the parts say. */
export const profile = (parts: Partial<TaskProfile>): TaskProfile => ({
  measured: 40,
  failed: 0,
  ran: 10,
  cpu: 0,
  awaiting: 0,
  locks: 0,
  queued: 0,
  blocked: 0,
  shipping: 0.01,
  way: 0.005,
  bytes: { captured: 0, arguments: 2 ** 20, result: 12 },
  allocated: 0,
  calls: [9, 10, 11],
  ...parts,
});
