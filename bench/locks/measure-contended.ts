/**
 * Owners that want one lock: how many pairs they do together, and what the least of them gets.
 * @module
 */
import assert from 'node:assert/strict';
import type { Figures, TeamKind } from '../harness/measurement.ts';
import { manyhands } from '../harness/manyhands.ts';
import { own, type Owned } from './owner.ts';

const { Barrier, int32, Lock, Process, SharedArray, Thread } = manyhands;

/**
 * Microseconds a pair of all owners together; the least owner's pairs divided by an equal share; the longest that any of them
 * waited.
 */
export async function measureContended(scope: TeamKind, owners: number, ms: number): Promise<Figures> {
  const lock = new Lock({ scope });
  const start = new Barrier(owners, { scope });
  const counter = new SharedArray(int32, 1, { scope });
  const Owner = scope === 'thread' ? Thread : Process;
  const running = Array.from({ length: owners }, () => new Owner(own, [lock, start, counter, ms] as const));
  for (const owner of running) owner.start();
  return figuresOf((await Promise.all(running.map((owner) => owner.join()))) as Owned[], counter[0] as number);
}

function figuresOf(owned: readonly Owned[], counted: number): Figures {
  const pairs = owned.reduce((sum, owner) => sum + owner.pairs, 0);
  assert.equal(counted, pairs, 'two owners had the lock at once');
  const longest = Math.max(...owned.map(({ ms }) => ms));
  const least = Math.min(...owned.map((owner) => owner.pairs));
  const waitMs = Math.max(...owned.map((owner) => owner.longest));
  return { us: (longest * 1000) / pairs, share: (least * owned.length) / pairs, waitMs };
}
