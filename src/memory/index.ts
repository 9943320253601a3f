/**
 * Shared memory: words, layouts, allocation, wait and wake. The only folder that names `Atomics`.
 * @module
 */
export { Arena } from './arena.ts';
export { KeepAlive } from './keep-alive.ts';
export { linux } from './system/linux.ts';
export { type Layout, layout } from './layout.ts';
export { type Region, type Scope, ProcessRegion, ThreadRegion } from './region.ts';
export { SLICE } from './slice.ts';
export { enlist, isAlive } from './robust-list.ts';
export { Segment, SEGMENT_HEADER, type SegmentRef } from './segment.ts';
export { allocateShared, CACHE_LINE, LINE_WORDS } from './shared-buffer.ts';
export { sleep, sleepSync } from './sleep.ts';
export { systemThread } from './system-thread.ts';
export { setTimer, type Timer } from './timer.ts';
export { type WaitOptions, type WaitResult, onChange, waitAsync, waitSync, wake } from './wait.ts';
export {
  add,
  clearBits,
  compareExchange,
  exchange,
  load,
  pause,
  setBits,
  spinning,
  store,
  type Words,
} from './words.ts';
