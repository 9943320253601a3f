/**
 * Blocks of a stripe: given out and taken back, in sizes that are powers of two.
 *
 * How it works  A block that was given back stands in the list of its size; where that is empty, the stripe's chunk gives one, and
 *               where that is used up, the map gives the stripe a new chunk. What is left of the old one goes to the lists.
 *               Where the map has no more, free blocks that lie side by side become the chunk.
 *               Nothing is changed here: giving out and taking back are *changes*, added to those that the block is for, so that
 *               a death loses neither the one nor the other.
 * Layout        Heads of the lists: 32 words after the stripe's core, by size. A free block's first word: the next one.
 * Invariants    Under the stripe's guard only.
 * When it dies  See `core.ts`; a chunk just taken from the map may be lost (`map-room.ts`), or just made of free blocks.
 * Source        Buddy systems, without the buddies: K. Knowlton (1965).
 * @module
 */
import { load, store } from '../../memory/words.ts';
import { CORE_WORDS, type Changes, type Core } from '../../sync/core.ts';
import type { MapRoom } from './map-room.ts';

/** Words of the smallest block, as a power of two. */
const SMALLEST = 3;
/** Words of a chunk: at least, unless the map is small; at most. */
const LEAST_CHUNK = 1024;
const MOST_CHUNK = 2 ** 18;

/** Lists that there is room for. */
const LISTS = 32;

/** Of the stripe's own words. */
const CHUNK = 4;
const CHUNK_END = 5;
const OWNED = 6;

/** The size of a block for so many words, as a power of two. */
export const sizeFor = (words: number): number => Math.max(SMALLEST, 32 - Math.clz32(words - 1));

/** A block of 2 ** `size` words, 0 when the map is full. What has to be changed for it to be taken is added to `changes`. */
export function takeBlock(room: MapRoom, core: Core, size: number, changes: Changes): number {
  const { words } = room;
  const head = headOf(core, size);
  const free = load(words, head);
  if (free !== 0) {
    changes.push(head, load(words, free));
    return free;
  }
  const count = 2 ** size;
  const has = core.own(CHUNK_END) - core.own(CHUNK) >= count;
  if (!has && !newChunk(room, core, count) && !mergeFree(room, core, count)) return 0;
  const at = core.own(CHUNK);
  changes.push(core.place(CHUNK), at + count);
  return at;
}

/** Adds what has to be changed for a block to be free again. */
export function freeBlock(room: MapRoom, core: Core, at: number, size: number, changes: Changes): void {
  const head = headOf(core, size);
  for (let i = 0; i < changes.length; i += 2) {
    if (changes[i] !== head) continue;
    // Another block of this size is taken from the list in the same moment: its place there is taken over.
    changes.push(at, changes[i + 1] as number);
    changes[i + 1] = at;
    return;
  }
  changes.push(at, load(room.words, head), head, at);
}

/** The stripe has no blocks any more, and whatever lay in them is gone; `changes` go with them, three at most. */
export function dropBlocks({ words }: MapRoom, core: Core, changes: Changes): void {
  core.commit([...changes, core.place(CHUNK), 0, core.place(CHUNK_END), 0]);
  for (let size = 0; size < LISTS; size++) store(words, headOf(core, size), 0);
  core.commit([core.place(OWNED), 0]);
}

const headOf = (core: Core, size: number): number => core.at + CORE_WORDS + size;

function newChunk(room: MapRoom, core: Core, least: number): boolean {
  // A small map has small chunks: else a few stripes would have it all.
  const usual = Math.min(LEAST_CHUNK, Math.floor(room.most / 1024));
  // Whole blocks of the smallest size: nothing is left between two chunks that lie side by side.
  const wanted = Math.max(least, usual, Math.min(core.own(OWNED) >> 2, MOST_CHUNK)) & -(2 ** SMALLEST);
  const chunk = room.take(wanted, least);
  if (chunk === undefined) return false;
  core.follow();
  listRest(room, core);
  core.commit([
    core.place(CHUNK), chunk.at,
    core.place(CHUNK_END), chunk.at + chunk.count,
    core.place(OWNED), core.own(OWNED) + chunk.count,
  ]); // biome-ignore format: place and value side by side
  return true;
}

/** What is left of the chunk goes to the lists. */
function listRest({ words }: MapRoom, core: Core): void {
  let at = core.own(CHUNK);
  for (const end = core.own(CHUNK_END); end - at >= 2 ** SMALLEST; ) {
    const size = 31 - Math.clz32(end - at);
    const head = headOf(core, size);
    core.commit([at, load(words, head), head, at, core.place(CHUNK), at + 2 ** size]);
    at += 2 ** size;
  }
}

/** The longest stretch of free blocks becomes the chunk, if it is long enough. Takes as long as there are free blocks. */
function mergeFree(room: MapRoom, core: Core, least: number): boolean {
  const { words } = room;
  listRest(room, core);
  const found: number[] = [];
  for (let size = SMALLEST; size < LISTS; size++)
    for (let at = load(words, headOf(core, size)); at !== 0; at = load(words, at)) found.push(at * LISTS + size);
  let from = 0;
  let end = 0;
  let best = { from, end };
  for (const each of Float64Array.from(found).sort()) {
    const at = Math.floor(each / LISTS);
    if (at !== end) from = at;
    end = at + 2 ** (each % LISTS);
    if (end - from > best.end - best.from) best = { from, end };
  }
  if (best.end - best.from < least) return false;
  // Each store leaves a list whole; whoever dies meanwhile loses no more than what was to become the chunk.
  for (let size = SMALLEST; size < LISTS; size++) {
    let link = headOf(core, size);
    for (let at = load(words, link); at !== 0; at = load(words, at)) {
      if (at < best.from || at >= best.end) link = at;
      else store(words, link, load(words, at));
    }
  }
  core.commit([core.place(CHUNK), best.from, core.place(CHUNK_END), best.end]);
  return true;
}
