/**
 * Passes a child's standard output and error on, whole lines at a time, so that the lines of several workers never mix.
 *
 * How it works  Bytes up to the last line end are passed on as they come; the rest waits for its line end, or for the end of
 *               the stream. A carriage return counts as a line end, so progress bars move. Lines longer than 64 KiB are
 *               passed on in parts rather than kept.
 * @module
 */
import type { Readable, Writable } from 'node:stream';

const MAX_KEPT = 64 * 1024;

/**
 * Relays one stream into another; resolves when the source has ended and all of it has been passed on.
 *
 * @param note is shown all that comes
 */
export function relayLines(source: Readable, target: Writable, note?: (chunk: Buffer) => void): Promise<void> {
  return new Promise((resolve) => {
    let kept: Buffer[] = [];
    let keptBytes = 0;
    const pass = (bytes: Buffer): void => {
      target.write(keptBytes === 0 ? bytes : Buffer.concat([...kept, bytes]));
      kept = [];
      keptBytes = 0;
    };
    source.on('data', (chunk: Buffer) => {
      note?.(chunk);
      const end = Math.max(chunk.lastIndexOf(10), chunk.lastIndexOf(13)) + 1;
      if (end > 0) pass(chunk.subarray(0, end));
      if (end === chunk.length) return;
      kept.push(chunk.subarray(end));
      keptBytes += chunk.length - end;
      if (keptBytes > MAX_KEPT) pass(Buffer.alloc(0));
    });
    source.on('close', () => {
      if (keptBytes > 0) pass(Buffer.alloc(0));
      resolve();
    });
  });
}
