/**
 * What can be measured of pools.
 * @module
 */
import type { Measurement } from '../harness/measurement.ts';
import type { RunnerName } from './contestants.ts';

/** What a task carries. */
export type Work = 'add' | 'greet' | 'text' | 'bytes' | 'take';

/** How tasks are handed over: all at once, 64 in flight, or each when the one before has answered. */
export type Shape = 'all' | 'window' | 'sequence';

/** One kind of test with its sizes. */
export type Test =
  /** Awaited tasks; `size` is the bytes of a payload, for `text`, `bytes` and `take`. */
  | {
      readonly test: 'tasks';
      readonly work: Work;
      readonly shape: Shape;
      readonly tasks: number;
      readonly size?: number;
    }
  /** A map over so many numbers. */
  | { readonly test: 'map'; readonly items: number }
  /** The time of tasks that compute, on one worker and on two. */
  | { readonly test: 'speedup'; readonly rounds: number; readonly tasks: number }
  /** The time until the first result. */
  | { readonly test: 'startup' }
  /** What a task that waits, and a task that is done, keeps in memory. */
  | { readonly test: 'memory'; readonly tasks: number }
  /** Processor time that a pool uses while it has nothing to do. */
  | { readonly test: 'idle'; readonly ms: number };

/** One measurement of pools. */
export type PoolMeasurement = Measurement<Test, RunnerName>;

/** A name for a measurement without who: the same for all that do the same. */
export function titleOf({ of, kind, workers }: PoolMeasurement): string {
  const who = `${workers} ${kind === 'thread' ? 'thread' : 'process'}${workers === 1 ? '' : kind === 'thread' ? 's' : 'es'}`;
  switch (of.test) {
    case 'tasks': {
      const size = of.size === undefined ? '' : ` ${bytesText(of.size)}`;
      const shape =
        of.shape === 'window' ? '64 in flight' : of.shape === 'sequence' ? 'one after another' : 'all at once';
      return `${workText[of.work]}${size}, ${shape}, ${of.tasks.toLocaleString('en')} tasks, ${who}`;
    }
    case 'map':
      return `map of ${of.items.toLocaleString('en')} numbers, ${who}`;
    case 'speedup':
      return `computing tasks, 1 ${kind} against 2`;
    case 'startup':
      return `start-up, ${who}`;
    case 'memory':
      return `memory of ${of.tasks.toLocaleString('en')} tasks, ${who}`;
    case 'idle':
      return `at rest, ${who}`;
  }
}

const workText: Readonly<Record<Work, string>> = {
  add: 'two numbers',
  greet: 'object with strings',
  text: 'string',
  bytes: 'byte array',
  take: 'moved buffer',
};

/** 1 B, 16 KiB, 64 MiB. */
export function bytesText(bytes: number): string {
  if (bytes >= 2 ** 20) return `${bytes / 2 ** 20} MiB`;
  return bytes >= 2 ** 10 ? `${bytes / 2 ** 10} KiB` : `${bytes} B`;
}
