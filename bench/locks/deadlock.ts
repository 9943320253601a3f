/**
 * Who makes deadlocks: each holds a lock and wants the next one's, again and again, and says when it began to want it and when it was told
 * that this cannot be.
 *
 * It stands alone (no imports but types), since it runs in threads and processes of its own. The clock is the machine's own, so that all
 * have the same.
 * @module
 */
import type { Barrier, DeadlockError, Lock } from '../../src/index.ts';

/** One wait, in milliseconds of the machine's clock. */
export interface Want {
  readonly began: number;
  /** When it got its `DeadlockError`; 0 when it got the lock. */
  readonly told: number;
  /** The stacks that the error had. */
  readonly stacks: readonly string[];
}

/** A thread that blocks. `all` is for those of one deadlock. */
export function want(held: Lock, wanted: Lock, all: Barrier, deadlocks: number, number: number): Want[] {
  const clock = (): number => Number(process.hrtime.bigint()) / 1e6;
  const wants: Want[] = [];
  for (let i = 0; i < deadlocks; i++) {
    const hold = held.acquireSync();
    all.waitSync();
    // Every other time some wait for long before the last one comes.
    const delay = i % 2 === 0 ? 0 : (number * 61 + i * 37) % 150;
    if (delay > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, delay);
    const began = clock();
    try {
      wanted.acquireSync().release();
      wants.push({ began, told: 0, stacks: [] });
    } catch (error) {
      const told = clock();
      const { code, waits } = error as DeadlockError;
      if (code !== 'ERR_DEADLOCK') throw error;
      wants.push({ began, told, stacks: waits.map(({ stack }) => stack) });
    } finally {
      hold.release();
    }
    all.waitSync();
  }
  return wants;
}

/** An async function; as `want`. */
export async function wantAwaited(
  held: Lock,
  wanted: Lock,
  all: Barrier,
  deadlocks: number,
  number: number,
): Promise<Want[]> {
  const clock = (): number => Number(process.hrtime.bigint()) / 1e6;
  const wants: Want[] = [];
  for (let i = 0; i < deadlocks; i++) {
    await held.run(async () => {
      await all.wait();
      const delay = i % 2 === 0 ? 0 : (number * 61 + i * 37) % 150;
      if (delay > 0) await new Promise((resolve) => setTimeout(resolve, delay));
      const began = clock();
      try {
        await wanted.run(() => undefined);
        wants.push({ began, told: 0, stacks: [] });
      } catch (error) {
        const told = clock();
        const { code, waits } = error as DeadlockError;
        if (code !== 'ERR_DEADLOCK') throw error;
        wants.push({ began, told, stacks: waits.map(({ stack }) => stack) });
      }
    });
    await all.wait();
  }
  return wants;
}
