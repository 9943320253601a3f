/**
 * How soon a deadlock is reported: from the moment that its last wait begins until one of its waiters has the error.
 * @module
 */
import assert from 'node:assert/strict';
import type { Figures, TeamKind } from '../harness/measurement.ts';
import { median } from '../harness/statistics.ts';
import { manyhands } from '../harness/manyhands.ts';
import { want, type Want, wantAwaited } from './deadlock.ts';

const { Barrier, Lock, Process, Thread } = manyhands;

/** The longest and the median of the milliseconds, over some deadlocks; the share of waits that came with a stack. */
export async function measureDeadlock(
  kind: TeamKind,
  { size, awaited, deadlocks }: { readonly size: number; readonly awaited: number; readonly deadlocks: number },
): Promise<Figures> {
  const locks = Array.from({ length: size }, () => new Lock({ scope: kind }));
  const all = new Barrier(size, { scope: kind });
  const Worker = kind === 'thread' ? Thread : Process;
  const lockAt = (i: number): InstanceType<typeof Lock> => locks[i % size] as InstanceType<typeof Lock>;
  const argsOf = (i: number) => [lockAt(i), lockAt(i + 1), all, deadlocks, i] as Parameters<typeof want>;
  const blocking = Array.from({ length: size - awaited }, (_, i) => new Worker(want, argsOf(awaited + i)));
  for (const worker of blocking) worker.start();
  const waiters = await Promise.all([
    ...Array.from({ length: awaited }, (_, i) => wantAwaited(...argsOf(i))),
    ...blocking.map((worker) => worker.join() as Promise<Want[]>),
  ]);

  const took: number[] = [];
  let stacks = 0;
  for (let i = 0; i < deadlocks; i++) {
    const wants = waiters.map((waiter) => waiter[i] as Want);
    const told = wants.filter((each) => each.told > 0);
    assert.equal(told.length, 1, `${told.length} of ${size} were told of one deadlock`);
    const [victim] = told as [Want];
    took.push(victim.told - Math.max(...wants.map(({ began }) => began)));
    assert.equal(victim.stacks.length, size, 'each wait is named');
    stacks += victim.stacks.filter((stack) => /want.*deadlock\.ts/.test(stack)).length;
  }
  return { mostMs: Math.max(...took), medianMs: median(took), stacks: stacks / (deadlocks * size) };
}
