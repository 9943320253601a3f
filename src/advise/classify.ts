/**
 * What kind of work a function does, by what its calls consist of.
 * @module
 */
import type { CallBytes } from './sizes.ts';
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
/** Bytes there and back. */
const MUCH = 1024;
const MOST = 0.6;
/** Share of a call's time that it waits for others. */
const CONTENDED = 0.2;
/** With all cores busy a call computes so much longer when memory is the limit: it waits for that while it seems to compute. */
const INFLATED = 1.35;

/** Whether there is something to send: on a busy machine a number may take long, too. */
const isMuch = ({ captured = Infinity, arguments: there = Infinity, result: back = Infinity }: CallBytes): boolean =>
  captured + there + back > MUCH;

/** What becomes of a call when others run at the same time; undefined: not measured. */
export interface Crowd {
  /** Times that it computes what it does alone, with all cores busy. */
  readonly inflation?: number | undefined;
  /** Share of its time that it waits for locks and queues, at most. */
  readonly locks?: number | undefined;
}

/** Names it. */
export function classify(profile: TaskProfile, { inflation = 1, locks: contended = 0 }: Crowd = {}): WorkClass {
  const { cpu, awaiting, blocked, locks, shipping, way } = profile;
  const ran = ownTime(profile);
  if (isMuch(profile.bytes) && shipping > profile.ran && shipping > Math.max(MUCH_TO_SHIP, way)) return 'payload';
  if (ran < WAY) return 'tiny';
  const share = (part: number): number => part / ran;
  if (share(locks) > MOST || contended > CONTENDED) return 'locks';
  if (share(awaiting) > MOST) return 'async-io';
  if (share(cpu) > MOST) return inflation > INFLATED ? 'memory-bandwidth' : 'cpu';
  if (share(blocked) > MOST) return 'blocking-io';
  return 'mixed';
}
