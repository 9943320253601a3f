/**
 * What a first look might say of a function.
 * @module
 */
import type { TaskProfile } from '../../src/advise/task-figures.ts';

const bytes = { captured: 0, arguments: 5, result: 5 };
const nothing = {
  bytes,
  awaiting: 0,
  locks: 0,
  queued: 0,
  blocked: 0,
  shipping: 0.01,
  way: 0.005,
  allocated: 0,
  calls: [],
};

/** Ten milliseconds, in which it computes. */
export const computes: TaskProfile = { ...nothing, measured: 40, failed: 0, ran: 10, cpu: 9.9 };
