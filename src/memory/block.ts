/**
 * A block: a stretch of shared memory for one object, in either scope, and how it travels.
 *
 * How it works  In thread scope each block is a buffer of its own. In process scope a buffer costs a descriptor and whole pages,
 *               so small blocks are taken one after the other from a segment of 64 KiB; a large one has a segment of its own.
 * Invariants    1. A block is zeroed, begins on a cache line and shares none with another block.
 *               2. A place is never given out twice: another process may still hold the block that this one has dropped. A
 *                  segment is let go when none of its blocks is held.
 * @module
 */
import { type Region, type Scope, ThreadRegion } from './region.ts';
import { Segment, SEGMENT_HEADER, type SegmentRef } from './segment.ts';
import { allocateShared, CACHE_LINE } from './shared-buffer.ts';

/** Bytes of content of a segment for small blocks. */
const POOL = 64 * 1024 - SEGMENT_HEADER;
/** Largest block that goes there. */
const SMALL = 8 * 1024;

/** Shared memory for one object. */
export interface Block {
  readonly region: Region;
  /** First byte in the region's buffer. */
  readonly at: number;
  readonly byteLength: number;
}

/** A block on its way. */
export type BlockRef =
  | { readonly scope: 'thread'; readonly buffer: SharedArrayBuffer; readonly at: number; readonly byteLength: number }
  | { readonly scope: 'process'; readonly segment: SegmentRef; readonly at: number; readonly byteLength: number };

const regions = new WeakMap<SharedArrayBuffer, ThreadRegion>();
/** Where small blocks come from, and the first byte that is free there. */
let pool: { readonly segment: Segment; next: number } | undefined;

/** New, zeroed memory. @param most bytes to which it may grow @throws UnsupportedPlatformError */
export function allocateBlock(byteLength: number, scope: Scope, most = 0): Block {
  if (most > byteLength) {
    const region =
      scope === 'thread'
        ? regionOf(new SharedArrayBuffer(byteLength, { maxByteLength: most }))
        : Segment.create(byteLength, { most }).region;
    return { region, at: scope === 'thread' ? 0 : SEGMENT_HEADER, byteLength };
  }
  if (scope === 'thread') return { region: regionOf(allocateShared(byteLength)), at: 0, byteLength };
  if (byteLength > SMALL) return { region: Segment.create(byteLength).region, at: SEGMENT_HEADER, byteLength };
  if (pool === undefined || pool.next + byteLength > SEGMENT_HEADER + POOL) {
    pool = { segment: Segment.create(POOL), next: SEGMENT_HEADER };
  }
  const at = pool.next;
  pool.next += Math.ceil(byteLength / CACHE_LINE) * CACHE_LINE;
  return { region: pool.segment.region, at, byteLength };
}

/** How a block travels. Undefined when it cannot leave this process. */
export function sendBlock({ region, at, byteLength }: Block, destination: Scope): BlockRef | undefined {
  const segment = Segment.of(region.buffer);
  if (segment !== undefined) return { scope: 'process', segment: segment.give(), at, byteLength };
  return destination === 'thread' ? { scope: 'thread', buffer: region.buffer, at, byteLength } : undefined;
}

/** A block that has come here. @throws SharedMemoryError */
export function receiveBlock(ref: BlockRef): Block {
  const region = ref.scope === 'thread' ? regionOf(ref.buffer) : Segment.attach(ref.segment).region;
  return { region, at: ref.at, byteLength: ref.byteLength };
}

function regionOf(buffer: SharedArrayBuffer): ThreadRegion {
  let region = regions.get(buffer);
  if (region === undefined) {
    region = new ThreadRegion(buffer);
    regions.set(buffer, region);
  }
  return region;
}
