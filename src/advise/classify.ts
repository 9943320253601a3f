/**
 * What kind of work a function does, by what its calls consist of.
 * @module
 */
import type { TaskProfile } from './task-figures.ts';

/** What most of a call's time goes into. */
export type WorkClass =
  | 'cpu'
  | 'memory-bandwidth'
  | 'async-io'
  | 'blocking-io'
  | 'payload'
  | 'locks'
  | 'tiny'
  | 'mixed';

/** What it says, in words. */
export const classWords: Readonly<Record<WorkClass, string>> = {
  cpu: 'it computes',
  'memory-bandwidth': 'it computes, and its speed is that of the memory, which all cores share',
  'async-io': 'it awaits',
  'blocking-io': 'it blocks its thread while it waits',
  payload: 'getting its arguments and results there and back takes longer than it runs',
  locks: 'it waits for locks and queues',
  tiny: 'a call is shorter than the way to a worker',
  mixed: 'it does several things',
};

/** Milliseconds that the way to a worker and back takes, of one task among many. */
const WAY = 0.01;
/** Milliseconds of shipping that are worth a word. */
const MUCH_TO_SHIP = 0.02;
const MOST = 0.6;
/** With all cores busy, a call's throughput to one worker falls short of theirs together by so much when memory is the limit. */
const SHORT_OF_CORES = 0.7;

/** @param scaling throughput of as many threads as there are cores, in times that of one; undefined: not measured */
export function classify(profile: TaskProfile, cores: number, scaling: number | undefined): WorkClass {
  const { cpu, awaiting, blocked, locks, shipping, way } = profile;
  const ran = profile.ran - profile.queued; // what others took is not the function's
  if (shipping > ran && shipping > Math.max(MUCH_TO_SHIP, way)) return 'payload';
  if (ran < WAY) return 'tiny';
  const share = (part: number): number => part / ran;
  if (share(locks) > MOST) return 'locks';
  if (share(awaiting) > MOST) return 'async-io';
  if (share(cpu) > MOST) {
    const short = scaling !== undefined && cores > 1 && scaling < cores * SHORT_OF_CORES && share(locks) < 0.1;
    return short ? 'memory-bandwidth' : 'cpu';
  }
  if (share(blocked) > MOST) return 'blocking-io';
  return 'mixed';
}
