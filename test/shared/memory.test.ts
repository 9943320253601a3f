/**
 * SharedMemory within one program: sizes, growth, closing, travelling.
 *
 * sharedmemorysh-06 and -07 are about a manager that hands out blocks and its watcher process. There is neither: a block travels
 * by itself, and the kernel knows who uses it.
 * @module
 */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { describe, test } from 'node:test';
import { inspect } from 'node:util';
import { int32, Latch, Process, SharedMap, SharedMemory, sharedStruct, Thread, Value } from '../../src/index.ts';
import { rejection } from '../contract/with-pool.ts';
import { countDescriptors, openFiles, untilAtMost } from './descriptors.ts';
import { freshName, isThere } from './names.ts';

const closed = { code: 'ERR_SEGMENT_CLOSED' };
const invalid = { code: 'ERR_INVALID_OPTION' };

/** Memory whose constructor takes what it likes. */
class Frames extends SharedMemory {
  readonly rate: number;

  constructor(rate: number) {
    super({ size: 100 });
    this.rate = rate;
  }
}

describe('SharedMemory', () => {
  test('it has the bytes that were asked for, all 0, in a view of shared memory', () => {
    for (const size of [1, 63, 4032, 4033, 100_000]) {
      const memory = new SharedMemory({ size });
      assert.equal(memory.size, size);
      assert.equal(memory.buf.length, size);
      assert.ok(memory.buf.buffer instanceof SharedArrayBuffer);
      assert.ok(memory.buf.every((byte) => byte === 0));
      memory.buf[size - 1] = 7;
      assert.equal(memory.buf[size - 1], 7);
      memory.close();
    }
  });

  test('sharedmemorysh-03: a size that is negative, zero, missing or no whole number is an error', () => {
    for (const size of [-1, 0, undefined, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '8', 8n, null, 2 ** 53]) {
      assert.throws(
        () => new SharedMemory({ size: size as never }),
        { ...invalid, message: /^size must be/ },
        inspect(size),
      );
    }
    assert.throws(() => new SharedMemory(undefined as never), invalid);
    const memory = new SharedMemory({ size: 8 });
    for (const size of [-1, 1.5, Number.NaN, '8', 2 ** 53])
      assert.throws(() => SharedMemory.open(memory.name, { size: size as never }), invalid, inspect(size));
    memory.close();
    for (const options of [null, 'size', 5]) {
      assert.throws(() => SharedMemory.open(freshName(), options as never), { ...invalid, message: /^Options are/ });
      assert.throws(() => new SharedMap(options as never), { ...invalid, message: /^Options are/ });
      assert.throws(() => new Value(int32, 1, options as never), { ...invalid, message: /^Options are/ });
      assert.throws(() => new (sharedStruct({ x: int32 }))(options as never), { ...invalid, message: /^Options are/ });
    }
    for (const most of [7, -1, 1.5, Number.NaN, '8']) {
      assert.throws(() => new SharedMemory({ size: 8, most: most as never }), { ...invalid, message: /^most must be/ });
    }
  });

  test('more than there is room for is an error that says how much, and leaves nothing behind', () => {
    const name = freshName();
    assert.throws(() => new SharedMemory({ name, size: 2 ** 46 }), {
      code: /^(ENOSPC|ENOMEM)$/,
      message: /^There is no room for 703687441\d+ bytes of shared memory/,
    });
    assert.throws(() => new SharedMemory({ name, size: 8, most: 2 ** 47 }), {
      name: 'RangeError',
      message: /^There is no room/,
    });
    assert.equal(isThere(name), false);
    const memory = new SharedMemory({ name, size: 8, most: 2 ** 45 });
    memory.buf[0] = 5;
    assert.throws(() => memory.grow(2 ** 45), {
      code: /^(ENOSPC|ENOMEM)$/,
      message: /^There is no room for 35184372\d+ bytes/,
    });
    assert.deepEqual([memory.size, memory.buf[0]], [8, 5]);
    memory.grow(16);
    assert.deepEqual([memory.size, memory.buf[15]], [16, 0]);
    memory.close();
  });

  test('it grows for all who have it; views from before stay as they are', async () => {
    const memory = new SharedMemory({ size: 10, most: 1_000_000 });
    const other = SharedMemory.open(memory.name);
    const before = memory.buf;
    before[9] = 9;
    memory.grow(500_000);
    assert.deepEqual([before.length, memory.size, memory.buf.length, memory.buf[9]], [10, 500_000, 500_000, 9]);
    memory.buf[499_999] = 1;
    assert.deepEqual([other.size, other.buf[499_999]], [500_000, 1]);
    before[0] = 3;
    assert.equal(memory.buf[0], 3);
    for (const size of [0, -1, 1_100_000, 500_000.5, Number.NaN]) {
      assert.throws(() => memory.grow(size), {
        ...invalid,
        message: /^size may be 1 to 100\d{4} bytes here; it is/,
      });
    }
    for (const size of [500_000, 499_999, 1]) {
      memory.grow(size); // somebody was first
      assert.equal(memory.size, 500_000);
    }
    for (const Worker of [Thread, Process]) {
      const size = memory.size;
      const worker = new Worker(
        (given: SharedMemory, to: number) => {
          const first = given.buf.length;
          given.grow(to);
          given.buf[to - 1] = 8;
          return first;
        },
        [memory, size + 100_000],
      );
      worker.start();
      assert.equal(await worker.join(), size);
      assert.deepEqual([memory.size, memory.buf[size + 99_999]], [size + 100_000, 8]);
    }
    memory.close();
    other.close();
  });

  test('it is closed: used no more, but views of it stay good', () => {
    const memory = new SharedMemory({ size: 8 });
    const view = memory.buf;
    memory.close();
    memory.close();
    memory[Symbol.dispose]();
    view[0] = 4;
    assert.equal(view[0], 4);
    assert.throws(() => memory.buf, { ...closed, message: `Shared memory "${memory.name}" has been closed here.` });
    assert.throws(() => memory.grow(8), closed);
    assert.equal(memory.size, 8);
    assert.equal(memory.unlink(), false);
    assert.equal(isThere(memory.name), false);
    assert.equal(inspect(memory), `SharedMemory { "${memory.name}", closed }`);
  });

  test('one that has been closed is not sent', () => {
    const memory = new SharedMemory({ size: 8 });
    memory.close();
    const worker = new Process(
      (given: { readonly list: readonly [SharedMemory] }) => given.list[0].size,
      [{ list: [memory] }],
    );
    assert.throws(() => worker.start(), {
      ...closed,
      message: /argument 1 > \.list\[0\]: this SharedMemory has been closed here/,
    });
  });

  test('objects of one thread close it each for itself, and the name goes with the one that made it', () => {
    const owner = new SharedMemory({ name: freshName(), size: 8 });
    const second = SharedMemory.open(owner.name);
    const third = SharedMemory.open(owner.name);
    second.close();
    assert.throws(() => second.buf, closed);
    owner.buf[0] = 1;
    assert.equal(third.buf[0], 1);
    owner.close();
    assert.throws(() => owner.buf, closed);
    assert.throws(() => SharedMemory.open(owner.name), { code: 'ERR_SEGMENT_NOT_FOUND' });
    third.buf[1] = 2;
    assert.deepEqual([...third.buf.subarray(0, 2)], [1, 2]);
    third.close();
  });

  for (const Worker of [Thread, Process]) {
    test(`it travels to a ${Worker.name}, as do views of its bytes, and nothing is copied`, async () => {
      const memory = new SharedMemory({ size: 100_000 });
      const words = new Int32Array(memory.buf.buffer, memory.buf.byteOffset + 8, 2);
      const worker = new Worker(
        (given: SharedMemory, bytes: Uint8Array, both: Int32Array, float: { readonly view: Float64Array }) => {
          given.buf[0] = 1;
          bytes[1] = 2;
          both[1] = -3;
          float.view[0] = 0.5;
          return [given, given.name, given.size, bytes.length] as const;
        },
        [memory, memory.buf, words, { view: new Float64Array(memory.buf.buffer, memory.buf.byteOffset + 16, 1) }],
      );
      worker.start();
      const [back, ...facts] = await worker.join();
      assert.deepEqual(facts, [memory.name, 100_000, 100_000]);
      const { buf } = memory;
      assert.deepEqual(
        [...buf.subarray(0, 2), words[1], new DataView(buf.buffer, buf.byteOffset).getFloat64(16, true)],
        [1, 2, -3, 0.5],
      );
      back.buf[2] = 9;
      assert.equal(memory.buf[2], 9);
      memory.close();
    });
  }

  test('one of a subclass is the same where it arrives, with its fields', async () => {
    for (const Worker of [Thread, Process]) {
      const frames = new Frames(25);
      const worker = new Worker(
        (given: Frames) => {
          given.buf[0] = given.rate;
          return [given.name, given instanceof Frames];
        },
        [frames],
      );
      worker.start();
      assert.deepEqual(await worker.join(), [frames.name, true]);
      assert.equal(frames.buf[0], 25);
      frames.close();
    }
  });

  test('a view stays good in a worker that has it when the owner closes the memory', async () => {
    for (const [Worker, scope] of [
      [Thread, 'thread'],
      [Process, 'process'],
    ] as const) {
      const memory = new SharedMemory({ size: 8 });
      const arrived = new Latch(1, { scope });
      const shut = new Latch(1, { scope });
      const worker = new Worker(
        (given: Uint8Array, here: Latch, gone: Latch) => {
          here.countDown();
          gone.waitSync();
          given[0] = 1;
          return given[1];
        },
        [memory.buf, arrived, shut],
      );
      const view = memory.buf;
      view[1] = 2;
      worker.start();
      await arrived.wait();
      memory.close();
      shut.countDown();
      assert.equal(await worker.join(), 2);
      assert.equal(view[0], 1);
    }
  });

  test('one that is closed while it is on its way is an error at its arrival, which says what to do', async () => {
    const memory = new SharedMemory({ size: 8 });
    const worker = new Process((given: SharedMemory) => given.size, [memory]);
    worker.start();
    memory.close();
    const error = await rejection(worker.join());
    assert.equal((error as { readonly code?: unknown }).code, 'ERR_SEGMENT_GONE');
    assert.match(String(error), /no longer has the shared memory that it has sent.*Keep it there until it has arrived/);
  });

  test('what nobody holds any more, and whose name nobody has asked for, is given back, names and descriptors', async () => {
    const before = countDescriptors();
    for (let n = 0; n < 300; n++) new SharedMemory({ size: 5000 }).buf[0] = 1;
    const made = openFiles().map((file) => file.replace(/~.*/u, '')); // each was made by a name of its own, which is gone
    const files = made.filter((file) => existsSync(file));
    assert.ok(files.length > 0);
    await untilAtMost(before);
    assert.deepEqual(
      files.filter((file) => existsSync(file)),
      [],
    );
  });
});
