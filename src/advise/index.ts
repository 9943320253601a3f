/**
 * Which kind of worker, how many: measured.
 * @module
 */
export type { Advice, ScalingModel, Trial } from './advice.ts';
export { adviceText } from './advice-text.ts';
export { advise, type AdviseOptions } from './advise.ts';
export type { WorkClass } from './classify.ts';
export type { Estimate } from './estimate.ts';
export type { Scalability } from './scalability.ts';
export type { TaskProfile } from './task-figures.ts';
