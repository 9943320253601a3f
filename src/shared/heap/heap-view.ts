/**
 * What a list or a map of the shared heap looks at: an object of the heap, and what its items are.
 * @module
 */
import type { Scope } from '../../memory/region.ts';
import type { HeapArray, HeapData, HeapObject } from '../../memory/shared-heap.ts';
import { notForProcesses, type Shown } from './heap-collection.ts';
import { HeapGuard } from './heap-guard.ts';
import type { Owner } from './heap-instance.ts';
import { type HeapItem, heapItemOf } from './heap-item.ts';
import type { ItemType } from './heap-types.ts';

/** A list or a map as one thread sees it. */
export class HeapView implements Shown {
  readonly raw: HeapObject;
  readonly of: ItemType;
  readonly owner: Owner;
  readonly guard: HeapGuard;
  readonly #item: HeapItem;

  /** @param mend called when somebody died under the guard, before anything else is done */
  constructor({ raw, of, owner }: Shown, mend: (raw: HeapObject) => void = () => {}) {
    this.raw = raw;
    this.of = of;
    this.owner = owner;
    this.guard = new HeapGuard(raw['guard'] as HeapArray, () => mend(raw));
    this.#item = heapItemOf(of, 'item');
  }

  /** What the heap is to hold for an item. @throws InvalidValueError */
  check(value: unknown, name: string): HeapData {
    return this.#item.check(value, name, this.owner);
  }

  show(data: HeapData): unknown {
    return this.#item.show(data, this.owner);
  }

  /** How it travels. @throws EncodeError `ERR_NOT_SHAREABLE` */
  send(what: string, destination: Scope): Shown {
    if (destination === 'thread') return { raw: this.raw, of: this.of, owner: this.owner };
    throw notForProcesses(what);
  }
}
