/**
 * The arena against a plain model: a list of blocks in the order in which they were cut.
 * @module
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { Arena } from '../../src/memory/arena.ts';

const BASE = 4096;

interface Block {
  readonly from: number;
  readonly to: number;
}

const overlaps = (a: Block, b: Block): boolean => a.from < b.to && b.from < a.to;

type Step = { readonly release: number } | { readonly bytes: number; readonly taken: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.record({
      bytes: fc.integer({ min: 1, max: 300 }),
      taken: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ release: fc.integer({ min: 1, max: 4 }) }) },
);

describe('Arena', () => {
  test('blocks never overlap nor leave the stretch, and come back oldest first', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 64 }), fc.array(step, { maxLength: 200 }), (lines, steps) => {
        const capacity = lines * 8;
        const arena = new Arena(BASE, capacity);
        const blocks: Block[] = [];
        for (const each of steps) {
          if ('release' in each) {
            for (let i = 0; i < each.release && blocks.length > 0; i++) {
              blocks.shift();
              arena.release();
            }
            continue;
          }
          const room = arena.room();
          const offset = arena.reserve(each.bytes);
          assert.equal(offset >= 0, each.bytes <= room, `room ${room}, asked for ${each.bytes}, got ${offset}`);
          if (blocks.length === 0) assert.equal(room, capacity, 'an empty arena is free as a whole');
          if (offset < 0) continue;
          assert.equal(offset % 8, 0);
          assert.ok(offset >= BASE && offset + each.bytes <= BASE + capacity, 'outside');
          const reserved = { from: offset, to: offset + each.bytes };
          assert.ok(!blocks.some((block) => overlaps(block, reserved)), 'overlaps a block that is still taken');
          const taken = Math.max(1, Math.floor(each.bytes * each.taken));
          arena.take(offset, taken);
          blocks.push({ from: offset, to: offset + taken });
        }
        for (; blocks.length > 0; blocks.shift()) arena.release();
        assert.equal(arena.room(), capacity);
        assert.throws(() => arena.release(), RangeError);
      }),
      { numRuns: 1000 },
    );
  });

  test('all the room that it tells of can be reserved and taken', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 3 }), { maxLength: 300 }), (choices) => {
        const arena = new Arena(0, 512);
        let blocks = 0;
        for (const choice of choices) {
          if (choice === 0 && blocks > 0) {
            arena.release();
            blocks -= 1;
            continue;
          }
          const room = arena.room();
          if (room === 0) continue;
          const offset = arena.reserve(room);
          assert.ok(offset >= 0, `${room} bytes of room cannot be reserved`);
          arena.take(offset, choice === 3 ? room : Math.ceil(room / 3));
          blocks += 1;
        }
      }),
    );
  });

  test('goes round many thousand times without forgetting what it gave', () => {
    const arena = new Arena(0, 1024);
    const lengths: number[] = [];
    for (let i = 0; i < 100_000; i++) {
      const bytes = 1 + ((i * 7919) % 200);
      let offset = arena.reserve(bytes);
      while (offset < 0) {
        arena.release();
        lengths.shift();
        offset = arena.reserve(bytes);
      }
      arena.take(offset, bytes);
      lengths.push(bytes);
      assert.ok(lengths.reduce((sum, length) => sum + length, 0) <= 1024);
    }
  });
});
