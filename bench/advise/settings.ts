/**
 * Ways to run a workload: those that the advice is set beside.
 * @module
 */

/** One way: without a pool, one after another, or on so many workers with so many tasks each. */
export interface Setting {
  readonly kind: 'none' | 'thread' | 'process' | 'hybrid';
  readonly workers: number;
  readonly tasksPerWorker: number;
}

/** What is tried. */
export function grid(cores: number): Setting[] {
  const of = (kind: Setting['kind'], workers: number, tasksPerWorker = 1): Setting => ({
    kind,
    workers,
    tasksPerWorker,
  });
  return [
    of('none', 1),
    ...[1, cores, cores * 2, cores * 4, cores * 8, cores * 16].map((workers) => of('thread', workers)),
    ...[4, 8, 32, 128, 512].map((tasks) => of('thread', 1, tasks)),
    ...[2, 4, 8, 32, 128, 512, 1024].map((tasks) => of('thread', cores, tasks)),
    of('thread', cores * 4, 8),
    ...[cores, cores * 4].map((workers) => of('process', workers)),
    ...[8, 64].map((tasks) => of('process', cores, tasks)),
  ];
}

/** `thread x4 x8`: four threads, eight tasks on each. */
export const nameOf = ({ kind, workers, tasksPerWorker }: Setting): string =>
  kind === 'none' ? 'none' : `${kind} x${workers}${tasksPerWorker === 1 ? '' : ` x${tasksPerWorker}`}`;
