/**
 * Queues whose store is a chain.
 * @module
 */
import type { StoreKind } from './base-queue.ts';
import { Chain, FIRST_CHUNK_BYTES } from './chain.ts';

/** First in, first out. */
export const chainKind: StoreKind = {
  bytes: FIRST_CHUNK_BYTES,
  open: (room) => new Chain(room, room.core(0), room.core(1)),
  prepare: (store) => (store as Chain).prepare(),
};
