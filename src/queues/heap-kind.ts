/**
 * Queues whose store is a heap.
 * @module
 */
import type { StoreKind } from './base-queue.ts';
import { Heap, HEAP_BYTES } from './heap.ts';

const kindOf = (lastFirst: boolean): StoreKind => ({
  bytes: HEAP_BYTES,
  open: (room) => new Heap(room, lastFirst),
  prepare: (store) => (store as Heap).prepare(),
});

/** The least rank first. */
export const leastFirst = kindOf(false);

/** The last one first. */
export const lastFirst = kindOf(true);
