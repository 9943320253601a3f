/**
 * Copying to and from shared memory, wherever the two sides lie within a word.
 * @module
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { copyBytes } from '../../src/memory/copy-bytes.ts';

const LONGEST = 200_000;
const own = new Uint8Array(LONGEST + 16).map((_, i) => (i * 131) ^ (i >> 8));
const shared = new Uint8Array(new SharedArrayBuffer(LONGEST + 16));

describe('copyBytes', () => {
  for (const length of [0, 1, 7, 1023, 1024, 65_536, 65_537, LONGEST]) {
    test(`${length} bytes arrive as they are, and nothing beside them is touched`, () => {
      for (const [from, to] of [
        [0, 0],
        [3, 3],
        [3, 0],
        [0, 5],
        [7, 1],
      ] as const) {
        const source = own.subarray(from, from + length);
        shared.fill(0xee);
        copyBytes(source, shared.subarray(to, to + length));
        assert.equal(Buffer.compare(Buffer.from(shared.subarray(to, to + length)), Buffer.from(source)), 0);
        assert.ok(shared.subarray(0, to).every((byte) => byte === 0xee));
        assert.ok(shared.subarray(to + length, to + length + 8).every((byte) => byte === 0xee));
        const back = new Uint8Array(length + 16).fill(0xdd);
        copyBytes(shared.subarray(to, to + length), back.subarray(from, from + length));
        assert.equal(Buffer.compare(back.subarray(from, from + length), source), 0);
        assert.ok(back.subarray(from + length).every((byte) => byte === 0xdd));
      }
    });
  }
});
