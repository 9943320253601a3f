/**
 * Where there is a shared heap, threads boot one at a time, and whoever starts one waits until it has booted.
 *
 * Why           A collection of the shared heap stops all threads. A thread that boots holds a lock of Node's while it allocates; a
 *               second one that boots, or starts a third, waits for that lock where V8 cannot stop it. The collection waits for
 *               the second, the second for the first, the first for the collection: for ever (Node 22 to 26).
 * Cost          The start of a thread blocks for as long as a boot takes, some 30 ms. Without the flag nothing of this is done.
 * When it dies  A turn that nobody ends is over after `PATIENCE`.
 * @module
 */
import { allocateShared } from '../memory/shared-buffer.ts';
import { heapAvailable } from '../memory/shared-heap.ts';
import { waitSync } from '../memory/wait.ts';
import { compareExchange, store, type Words } from '../memory/words.ts';
import { threadLot } from '../sync/lots.ts';

/** Milliseconds that a boot may take. */
const PATIENCE = 5000;

/** Where a thread says that it has booted; undefined where nobody waits for it. */
export type BootFlag = Words | undefined;

/** Starts a thread, and returns once it has booted. */
export function bootAlone<T>(start: (flag: BootFlag) => T): T {
  if (!heapAvailable) return start(undefined);
  const { region, booting } = threadLot();
  const end = performance.now() + PATIENCE;
  while (performance.now() < end) {
    if (compareExchange(region.words, booting, 0, 1) === 0) break;
    region.park(booting, 1, PATIENCE);
  }
  try {
    const flag = new Int32Array(allocateShared(4));
    const started = start(flag);
    waitSync(flag, 0, 0, PATIENCE);
    return started;
  } finally {
    store(region.words, booting, 0);
    region.unpark(booting, 1);
  }
}
