/**
 * All kinds of objects by their names, as a worker finds them.
 * @module
 */
import { barrierFamily } from './barrier.ts';
import { conditionFamily } from './condition.ts';
import type { Family } from './family.ts';
import { eventFamily, latchFamily } from './gate.ts';
import { lockFamily, rlockFamily } from './mutex.ts';
import { rwlockFamily } from './rwlock.ts';
import { boundedFamily, semaphoreFamily } from './semaphore.ts';

export const families = {
  Lock: lockFamily,
  RLock: rlockFamily,
  RwLock: rwlockFamily,
  Semaphore: semaphoreFamily,
  BoundedSemaphore: boundedFamily,
  Condition: conditionFamily,
  Event: eventFamily,
  Latch: latchFamily,
  Barrier: barrierFamily,
} as const;

export type FamilyName = keyof typeof families;

/** A family, whatever its kind. */
export const familyOf = (name: FamilyName): Family => families[name];
