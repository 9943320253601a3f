/**
 * A guard in the shared heap: lists and maps are changed by one thread at a time, for well under a millisecond.
 * @module
 */
import { type HeapArray, heapArray } from '../../memory/shared-heap.ts';
import { CORE_GUARD_WORDS, type Core } from '../../sync/core.ts';
import { coreInHeap } from '../../sync/place.ts';

/** A new guard. @throws SharedHeapError */
export const newGuard = (): HeapArray => heapArray(CORE_GUARD_WORDS, 0);

/** A guard as one thread uses it. */
export class HeapGuard {
  readonly #core: Core;
  /** Called when somebody died under the guard, before anything else is done. */
  readonly #mend: () => void;

  constructor(words: HeapArray, mend: () => void) {
    this.#core = coreInHeap(words, 0);
    this.#mend = mend;
  }

  /** Calls a function while no other thread changes what is guarded. */
  run<R>(fn: () => R): R {
    const died = this.#core.enter();
    try {
      if (died) this.#mend();
      return fn();
    } finally {
      this.#core.leave();
    }
  }
}
