/**
 * Memory that grows while it is in use, in either scope.
 *
 * How it works  Among threads a growable buffer, whose new bytes all of them see; among processes a segment, which each maps for
 *               itself (`follow`). In both, the words that a region had before stay good and do not reach what is new.
 * @module
 */
import { type Region, ThreadRegion } from './region.ts';
import { Segment, SEGMENT_HEADER } from './segment.ts';

/** Steps in which it grows, bytes; and by a quarter of what there is at least. */
const STEP = 64 * 1024;

/** Makes a region at least so many bytes long. @throws Error (ENOSPC), RangeError beyond what it may have */
export function grow({ buffer }: Region, bytes: number): void {
  const wanted = Math.max(bytes, buffer.byteLength + Math.ceil(buffer.byteLength / 4 / STEP) * STEP);
  const byteLength = Math.min(wanted, buffer.maxByteLength);
  const segment = Segment.of(buffer);
  if (segment === undefined) growBuffer(buffer, Math.max(byteLength, bytes));
  else segment.grow(Math.max(byteLength, bytes) - SEGMENT_HEADER);
}

function growBuffer(buffer: SharedArrayBuffer, byteLength: number): void {
  while (buffer.byteLength < byteLength) {
    try {
      buffer.grow(byteLength);
    } catch (error) {
      // Another thread may have made it longer meanwhile: a buffer does not shrink.
      if (buffer.byteLength < byteLength) throw error;
    }
  }
}

/** Has a region's words reach what has been added. True when that was anything. */
export function follow(region: Region): boolean {
  if (!(region instanceof ThreadRegion)) return Segment.of(region.buffer)?.follow() ?? false;
  return region.grown();
}
