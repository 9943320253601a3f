/**
 * Blocks of shared memory: where they lie, and that all of it is given back.
 * @module
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { allocateBlock, type Block } from '../../src/memory/block.ts';
import { Segment } from '../../src/memory/segment.ts';
import { collectGarbage } from '../contract/collect-garbage.ts';
import { countDescriptors, untilAtMost } from '../shared/descriptors.ts';

const LINE = 64;

/** Mostly small sizes, some large ones. */
const someSize = (): number => 1 + Math.floor(2 ** (Math.random() * (Math.random() < 0.02 ? 17 : 10)));

/** Makes blocks, some of which are dropped on the way; checks those that are left against each other. */
function allocateMany(count: number): void {
  let blocks: Block[] = [];
  let adjacent = 0;
  for (let i = 0; i < count; i++) {
    const before = blocks.at(-1);
    const block = allocateBlock(someSize(), 'process');
    assert.equal(block.at % LINE, 0);
    assert.ok(block.at + block.byteLength <= block.region.buffer.byteLength);
    const bytes = new Uint8Array(block.region.buffer, block.at, block.byteLength);
    assert.ok(
      bytes.every((byte) => byte === 0),
      'zeroed',
    );
    bytes.fill(1 + (i % 255));
    if (before?.region === block.region && block.at === before.at + Math.ceil(before.byteLength / LINE) * LINE)
      adjacent += 1;
    blocks.push(block);
    if (i % 500 === 499) blocks = blocks.filter(() => Math.random() < 0.5);
  }
  assert.ok(adjacent > count / 2, `${adjacent} of ${count} begin where the one before ends`);
  const sorted = Map.groupBy(blocks, ({ region }) => region);
  for (const inOne of sorted.values()) {
    inOne.sort((a, b) => a.at - b.at);
    for (const [i, block] of inOne.entries()) {
      const next = inOne[i + 1];
      assert.ok(next === undefined || block.at + block.byteLength <= next.at, 'overlap');
      const bytes = new Uint8Array(block.region.buffer, block.at, block.byteLength);
      assert.ok(
        bytes.every((byte) => byte === bytes[0]),
        'somebody else wrote here',
      );
    }
  }
}

describe('blocks', () => {
  test('valuearray-04: 5000 of random sizes do not overlap, lie one after the other, and all are given back', async () => {
    allocateBlock(1, 'process'); // the segment that small blocks come from is kept
    const before = countDescriptors();
    allocateMany(5000);
    await untilAtMost(before);
  });

  test('one for which there are no addresses leaves no descriptor behind', () => {
    const before = countDescriptors();
    for (let i = 0; i < 10; i++) assert.throws(() => allocateBlock(100_000, 'process', 2 ** 47), RangeError);
    assert.equal(countDescriptors(), before);
  });

  test('large ones that were sent and dropped are kept for a minute, many of them for a second, small ones for longer', async (t) => {
    const before = countDescriptors();
    let now = 1000;
    t.mock.timers.enable({ apis: ['setTimeout'] });
    // A mock would note each call, and what was on the stack with it.
    const real = Object.getOwnPropertyDescriptor(performance, 'now');
    Object.defineProperty(performance, 'now', { configurable: true, value: () => now });
    t.after(() => {
      if (real === undefined) Reflect.deleteProperty(performance, 'now');
      else Object.defineProperty(performance, 'now', real);
    });
    const later = (milliseconds: number): void => {
      now += milliseconds;
      t.mock.timers.tick(milliseconds);
    };
    const sendAndDrop = (count: number, bytes: number): void => {
      for (let i = 0; i < count; i++) Segment.create(bytes, { sparse: true }).give();
    };
    sendAndDrop(10, 2 ** 20);
    sendAndDrop(1, 20_000);
    await collectGarbage();
    later(59_000);
    await collectGarbage();
    assert.equal(countDescriptors(), before + 11);
    later(1000);
    await untilAtMost(before + 1);
    assert.equal(countDescriptors(), before + 1);
    sendAndDrop(10, 2 ** 25);
    later(1000);
    sendAndDrop(1, 2 ** 20);
    await untilAtMost(before + 1 + 8 + 1);
    later(60_000);
    await untilAtMost(before + 1);
  });

  test('valuearray-05: making blocks while others are collected, and in a finalizer, does not hang', async () => {
    allocateBlock(1, 'process');
    const before = countDescriptors();
    let finalized = 0;
    const registry = new FinalizationRegistry(() => {
      finalized += 1;
      allocateBlock(200, 'process');
    });
    for (let round = 0; round < 20; round++) {
      for (let i = 0; i < 200; i++) registry.register(allocateBlock(someSize(), i % 2 === 0 ? 'process' : 'thread'), 0);
      await collectGarbage();
    }
    for (let round = 0; round < 100 && finalized < 4000; round++) await collectGarbage();
    assert.ok(finalized > 3000, `${finalized} were collected`);
    await untilAtMost(before);
  });
});
