/**
 * What kind of work a function does, by what its calls consist of.
 * @module
 */
import { ownTime, type TaskProfile } from './task-figures.ts';

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
/** With all cores busy a call computes so much longer when memory is the limit: it waits for that while it seems to compute. */
const INFLATED = 1.35;

/** @param inflation times that a call computes with all cores busy what it does alone; undefined: not measured */
export function classify(profile: TaskProfile, inflation = 1): WorkClass {
  const { cpu, awaiting, blocked, locks, shipping, way } = profile;
  const ran = ownTime(profile);
  if (shipping > profile.ran && shipping > Math.max(MUCH_TO_SHIP, way)) return 'payload';
  if (ran < WAY) return 'tiny';
  const share = (part: number): number => part / ran;
  if (share(locks) > MOST) return 'locks';
  if (share(awaiting) > MOST) return 'async-io';
  if (share(cpu) > MOST) return inflation > INFLATED ? 'memory-bandwidth' : 'cpu';
  if (share(blocked) > MOST) return 'blocking-io';
  return 'mixed';
}
