/**
 * Who takes locks as one should: several at a time, always in the same order, in all ways that there are. Nothing that it does is a
 * deadlock, so whoever reports one is wrong.
 *
 * The order: locks by their number, then the read-write lock, then the semaphore, then the lock of the condition. Blocking and awaiting take
 * turns, since a thread that blocks for ever while its own async functions hold something would be a deadlock indeed; an async
 * function blocks for a bounded time only.
 *
 * It stands alone (no imports but types), since it runs in threads and processes of its own.
 * @module
 */
import type { Condition, Hold, Lock, RwLock, Semaphore } from '../../src/index.ts';

/** What they all share. */
export interface Common {
  readonly locks: readonly Lock[];
  readonly table: RwLock;
  readonly seats: Semaphore;
  readonly bell: Condition;
  /** Each lock guards one: what was done under it. */
  readonly counters: Int32Array;
}

/** What one has done. */
export interface Careful {
  /** Locks, reads, writes and permits that it had. */
  acquisitions: number;
  /** Of those, locks; each is in its counter. */
  counted: number;
  /** Waits of 20 ms or more, which the watch looks at. */
  longWaits: number;
  timeouts: number;
  /** What was reported to be a deadlock. */
  readonly deadlocks: string[];
}

/** Goes on for so many ms. */
export async function beCareful(
  { locks, table, seats, bell, counters }: Common,
  ms: number,
  seed: number,
): Promise<Careful> {
  const done: Careful = { acquisitions: 0, counted: 0, longWaits: 0, timeouts: 0, deadlocks: [] };
  const end = performance.now() + ms;
  let state = seed;
  while (performance.now() < end) {
    for (let i = 0; i < 50; i++) {
      try {
        blockingStep();
      } catch (error) {
        failed(error);
      }
    }
    await Promise.all([runningStep, acquiringStep, runningStep, acquiringStep].map((step) => step().catch(failed)));
  }
  return done;

  /** 0 or more, and less than `below`. */
  function random(below: number): number {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    return (state >>> 8) % below;
  }

  function failed(error: unknown): void {
    if ((error as { code?: string }).code !== 'ERR_DEADLOCK') throw error;
    done.deadlocks.push((error as Error).message);
  }

  /** One to four of the locks, in order. */
  function some(): Lock[] {
    const wanted = 1 + random(4);
    return locks.filter((_, i) => random(8) < wanted + (i >> 2));
  }

  function got(lock: Lock | undefined, since: number): void {
    done.acquisitions += 1;
    if (performance.now() - since >= 20) done.longWaits += 1;
    if (lock === undefined) return;
    const i = locks.indexOf(lock);
    counters[i] = (counters[i] as number) + 1;
    done.counted += 1;
  }

  /** What is under the locks: seldom long enough for others to be looked at by the watch. */
  function pauseMs(): number {
    return random(300) === 0 ? 20 + random(40) : 0;
  }

  function blockingStep(): void {
    const holds: Hold[] = [];
    const have = (take: () => Hold | false, lock?: Lock): boolean => {
      const since = performance.now();
      const hold = take();
      if (hold === false) {
        done.timeouts += 1;
        return false;
      }
      got(lock, since);
      holds.push(hold);
      return true;
    };
    try {
      for (const lock of some()) {
        const way = random(8);
        const take = (): Hold | false =>
          way === 0 ? lock.tryAcquire() : way < 3 ? lock.acquireSync({ timeout: 1 + random(40) }) : lock.acquireSync();
        if (!have(take, lock)) return;
      }
      if (random(3) === 0) have(() => (random(3) === 0 ? table.acquireWriteSync() : table.acquireReadSync()));
      if (random(3) === 0) have(() => seats.acquireSync());
      if (random(8) === 0 && have(() => bell.acquireSync())) {
        if (random(3) > 0) bell.notifyAll();
        else bell.waitSync({ timeout: 1 + random(3) });
      }
      const pause = pauseMs();
      if (pause > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pause);
    } finally {
      for (const hold of holds.reverse()) hold.release();
    }
  }

  /** Under `run`, one in the other: the watch knows each such function. */
  async function runningStep(): Promise<void> {
    const wanted = some();
    const inner = async (i: number): Promise<void> => {
      const since = performance.now();
      const lock = wanted[i];
      if (lock !== undefined) {
        await lock.run(() => {
          got(lock, since);
          return inner(i + 1);
        });
      } else if (i === wanted.length && random(2) === 0) {
        const under = async (): Promise<void> => {
          got(undefined, since);
          await inner(i + 1);
        };
        await (random(3) === 0 ? table.write(under) : table.read(under));
      } else {
        await seats.run(async () => {
          got(undefined, since);
          const pause = pauseMs();
          if (pause > 0) await new Promise((resolve) => setTimeout(resolve, pause));
        });
      }
    };
    await inner(0);
  }

  /** With holds; some of them blocking, for a bounded time. */
  async function acquiringStep(): Promise<void> {
    const holds: Hold[] = [];
    try {
      for (const lock of some()) {
        const since = performance.now();
        const way = random(8);
        const hold =
          way === 0
            ? lock.tryAcquire()
            : way === 1
              ? lock.acquireSync({ timeout: 1 + random(3) })
              : await (way === 2 ? lock.acquire({ timeout: 1 + random(40) }) : lock.acquire());
        if (hold === false) {
          done.timeouts += 1;
          return;
        }
        got(lock, since);
        holds.push(hold);
      }
      if (random(4) === 0) {
        const since = performance.now();
        holds.push(await bell.acquire());
        got(undefined, since);
        if (random(3) > 0) bell.notifyAll();
        else await bell.wait({ timeout: 1 + random(3) });
      }
      const pause = pauseMs();
      if (pause > 0) await new Promise((resolve) => setTimeout(resolve, pause));
    } finally {
      for (const hold of holds.reverse()) hold.release();
    }
  }
}
