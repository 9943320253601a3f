/**
 * Heavy locking without any mistake in it: whether the watch reports a deadlock all the same.
 * @module
 */
import assert from 'node:assert/strict';
import type { Figures, TeamKind } from '../harness/measurement.ts';
import { manyhands } from '../harness/manyhands.ts';
import { beCareful, type Careful } from './careful.ts';

const { Condition, int32, Lock, Process, RwLock, Semaphore, SharedArray, Thread } = manyhands;

/** Deadlocks that were reported, of which there is none; and how much was done. */
export async function measureCareful(scope: TeamKind, workers: number, ms: number): Promise<Figures> {
  const counters = new SharedArray(int32, 8, { scope });
  const common = {
    locks: Array.from({ length: 8 }, () => new Lock({ scope })),
    table: new RwLock({ scope }),
    seats: new Semaphore(2, { scope }),
    bell: new Condition({ scope }),
    counters,
  };
  const Worker = scope === 'thread' ? Thread : Process;
  const running = Array.from({ length: workers }, (_, i) => new Worker(beCareful, [common, ms, 7919 * (i + 1)]));
  for (const worker of running) worker.start();
  const all = (await Promise.all(running.map((worker) => worker.join()))) as Careful[];
  const sum = (of: (careful: Careful) => number): number => all.reduce((total, each) => total + of(each), 0);
  assert.equal(
    counters.reduce((total, count) => total + count, 0),
    sum(({ counted }) => counted),
    'two had a lock at once',
  );
  const [report] = all.flatMap(({ deadlocks }) => deadlocks);
  if (report !== undefined) console.error(report);
  return {
    reports: sum(({ deadlocks }) => deadlocks.length),
    acquisitions: sum(({ acquisitions }) => acquisitions),
    longWaits: sum(({ longWaits }) => longWaits),
    timeouts: sum(({ timeouts }) => timeouts),
  };
}
