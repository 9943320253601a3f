/**
 * What one task takes, on average, measured one by one on a thread that has nothing else to do.
 * @module
 */
import type { PoolInsights } from '../pool/insights/pool-insights.ts';
import type { CallBytes } from './sizes.ts';

/** Milliseconds of one task, unless said otherwise. */
export interface TaskProfile {
  /** Tasks that were measured. */
  readonly measured: number;
  /** Of those, how many threw. */
  readonly failed: number;
  /** From the call to its end. */
  readonly ran: number;
  readonly cpu: number;
  /** The event loop had nothing to do. */
  readonly awaiting: number;
  readonly locks: number;
  /** Its thread could run and had no core: somebody else had it. */
  readonly queued: number;
  /** The rest: blocked in a call of the system. */
  readonly blocked: number;
  /** Writing and reading arguments and result, beyond what an empty task takes. */
  readonly shipping: number;
  /** What that takes for an empty task. */
  readonly way: number;
  /** Bytes that go to a worker and back with a call, where it has to be sent. */
  readonly bytes: CallBytes;
  /** Bytes that a call allocates, on the heap and as buffers; less, as far as memory was collected meanwhile. */
  readonly allocated: number;
  /** From the call to its end, of each that was measured alone. */
  readonly calls: readonly number[];
}

/** Of all tasks of a pool so far. @param way milliseconds of `shipping` that a task with nothing to ship has too */
export function profileOf({ times, allocated, ran, tasks }: PoolInsights, way: number): TaskProfile {
  const each = (sum: number): number => (ran.count === 0 ? 0 : sum / ran.count);
  const awake = times.cpu + times.awaiting + times.locks + times.queued;
  return {
    measured: ran.count,
    failed: tasks.failed,
    ran: ran.mean,
    cpu: each(times.cpu),
    awaiting: each(times.awaiting),
    locks: each(times.locks),
    queued: each(times.queued),
    blocked: each(Math.max(0, times.running - awake)),
    shipping: Math.max(0, each(times.placing + times.decoding + times.encoding) - way),
    way,
    bytes: { captured: undefined, arguments: undefined, result: undefined },
    allocated: each(allocated),
    calls: [],
  };
}

/** Milliseconds of a call that are the function's own: not those that others took. A call may also await while its thread has no core. */
export const ownTime = ({ ran, queued, cpu, awaiting, blocked, locks }: TaskProfile): number =>
  Math.max(ran - queued, cpu + awaiting + blocked + locks);
