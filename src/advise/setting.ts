/**
 * A way to run the tasks: what the advisor tries, and what it recommends.
 * @module
 */

/** What runs the tasks: nobody but the caller, one after another, or workers of a kind. */
export type SettingKind = 'none' | 'thread' | 'process' | 'hybrid';

/** A way to run the tasks. */
export interface Setting {
  /** `'none'`: one after another, without a pool. */
  readonly kind: SettingKind;
  /** 1 of kind `'none'`. */
  readonly workers: number;
  readonly tasksPerWorker: number;
  /** Of kind `'hybrid'`: its workers are threads, so many in each process. */
  readonly threadsPerProcess?: number;
  /** Whether tasks are mapped, and so may travel many at a time. */
  readonly chunked: boolean;
}

/** Tasks that one worker may have at once, at most. */
export const MOST_AT_ONCE = 1024;

/** Tasks that may be under way at once. */
export const placesOf = ({ workers, tasksPerWorker }: Setting): number => workers * tasksPerWorker;

/** Whether it is one thread with one task at a time. */
export const isOne = ({ kind, workers, tasksPerWorker }: Setting): boolean =>
  kind === 'thread' && workers === 1 && tasksPerWorker === 1;

/** Whether its pool measures its tasks. That costs some microseconds each: too much of what is short, or when each worker has several. */
export const measures = ({ tasksPerWorker, chunked }: Setting): boolean => tasksPerWorker === 1 && !chunked;

/** One after another, without a pool. */
export const alone: Setting = { kind: 'none', workers: 1, tasksPerWorker: 1, chunked: false };

/** `4 threads, 8 tasks each`. */
export function nameOf({ kind, workers, tasksPerWorker, threadsPerProcess }: Setting): string {
  if (kind === 'none') return 'no pool';
  if (threadsPerProcess !== undefined) return `${workers} threads in ${workers / threadsPerProcess} processes`;
  const plural = workers === 1 ? '' : kind === 'process' ? 'es' : 's';
  return `${workers} ${kind}${plural}${tasksPerWorker === 1 ? '' : `, ${tasksPerWorker} tasks each`}`;
}
