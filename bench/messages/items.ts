/**
 * Small objects to be sent, each of about 60 bytes as text, and a check of those that arrive.
 *
 * It stands alone, since it runs in threads and processes of its own. `cpython.py` has the same.
 * @module
 */

/** A small object. */
export interface Item {
  readonly id: number;
  readonly name: string;
  readonly ok: boolean;
  readonly x: number;
}

/** Small objects in one run of a test, those of all producers together. */
export const ITEMS = 20_000;

/** Makes small objects and tells whether one is as it was made; the texts are made before the clock starts. */
export class Items {
  readonly #names = Array.from({ length: ITEMS }, (_, id) => `item number ${id}`);

  make(id: number): Item {
    return { id, name: this.#names[id] as string, ok: true, x: id / 2 };
  }

  check(item: Item): void {
    const { id, name, ok, x } = item;
    if (!ok || x !== id / 2 || name !== this.#names[id]) throw new Error(`${JSON.stringify(item)} is not what was put`);
  }
}

/** What one consumer got: in what order, and how often each. */
export class Tally {
  /** How often each was got, in all runs. */
  readonly counts = new Int32Array(ITEMS);
  readonly #ids: Int32Array;
  readonly #each: number;

  /** @param share how many it gets in a run @param each how many a producer puts in a run */
  constructor(share: number, each: number) {
    this.#ids = new Int32Array(share);
    this.#each = each;
  }

  /** Notes the i-th of this run. */
  note(i: number, id: number): void {
    this.#ids[i] = id;
  }

  /** A run is over: what each producer has put must have come in its order. */
  endRun(): void {
    const last = new Int32Array(ITEMS / this.#each).fill(-1);
    for (const id of this.#ids) {
      const producer = Math.floor(id / this.#each);
      if (id <= (last[producer] as number)) throw new Error(`item ${id} came after item ${last[producer]}`);
      last[producer] = id;
      this.counts[id] = (this.counts[id] as number) + 1;
    }
  }
}
