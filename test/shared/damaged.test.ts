/**
 * Files that this library did not make, or that were damaged, where it looks for its own: told of, or removed; never a crash.
 * @module
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chownSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { afterEach, describe, test } from 'node:test';
import { int32, ShareableList, SharedArray, SharedMemory, Value } from '../../src/index.ts';
import { linux } from '../../src/memory/system/linux.ts';
import { fileOf, freshName } from './names.ts';

const otherKind = { code: 'ERR_SEGMENT_KIND' };
const notFound = { code: 'ERR_SEGMENT_NOT_FOUND' };
const PAGE = 4096;
/** Words of the header. */
const MAGIC = 0;
const VERSION = 1;
const PAGES = 4;

const files = new Set<string>();
const held = new Set<number>();

/** Puts a file where that of a name is, and has it open, so that it is no leftover. */
function plant(name: string, content: Uint8Array | string): string {
  const file = fileOf(name);
  const elsewhere = `/dev/shm/planting-${process.pid}`; // where nobody who looks for leftovers finds it while it is not locked
  files.add(file).add(elsewhere);
  writeFileSync(elsewhere, content);
  const fd = openSync(elsewhere, 'r+');
  held.add(fd);
  assert.ok(linux().lockFile(fd, 'shared'));
  renameSync(elsewhere, file);
  return file;
}

/** The bytes of a segment, changed. */
function changed(change: (words: Int32Array) => void): Uint8Array {
  const made = new SharedMemory({ name: freshName(), size: 100 });
  const bytes = new Uint8Array(readFileSync(fileOf(made.name)));
  made.close();
  change(new Int32Array(bytes.buffer));
  return bytes;
}

describe('files that are not what they should be', () => {
  afterEach(() => {
    for (const fd of held) closeSync(fd);
    for (const file of files) rmSync(file, { recursive: true, force: true });
    held.clear();
    files.clear();
  });

  const damaged: Readonly<Record<string, () => Uint8Array | string>> = {
    'an empty one': () => '',
    'a short text': () => 'hello',
    'many other bytes': () => new Uint8Array(3 * PAGE).fill(0xab),
    'another mark': () => changed((words) => (words[MAGIC] = 1)),
    'one that is shorter than it says': () => changed((words) => (words[PAGES] = 1000)),
    'one of no pages': () => changed((words) => (words[PAGES] = 0)),
    'one of less than no pages': () => changed((words) => (words[PAGES] = -1)),
    'one that was cut off': () => changed(() => {}).subarray(0, 64),
  };
  for (const [what, make] of Object.entries(damaged)) {
    test(`${what} is told of, by each who opens it`, () => {
      const name = freshName();
      const file = plant(name, make());
      const opens = [
        () => SharedMemory.open(name),
        () => Value.open(int32, name),
        () => SharedArray.open(int32, 3, name),
        () => ShareableList.open(name),
      ];
      for (const open of opens) assert.throws(open, otherKind);
      assert.throws(() => new SharedMemory({ name, size: 8 }), { code: 'ERR_SEGMENT_EXISTS' });
      assert.ok(existsSync(file), 'it is in use, so it stays');
      assert.equal(SharedMemory.unlink(name), true);
    });

    test(`${what} that nobody has open is a leftover`, () => {
      const name = freshName();
      const file = fileOf(name);
      files.add(file);
      writeFileSync(file, make());
      assert.throws(() => SharedMemory.open(name), notFound);
      assert.equal(existsSync(file), false);
      new SharedMemory({ name, size: 8 }).close();
    });
  }

  test('what was to be persistent and was never finished is a leftover', () => {
    const name = freshName();
    const finished = new SharedMemory({ name, size: 8, persistent: true });
    const file = `${fileOf(name)}~1`;
    files.add(file).add(fileOf(name));
    writeFileSync(file, readFileSync(fileOf(name)));
    finished.close();
    const swept = SharedMemory.sweep();
    assert.deepEqual([existsSync(file), existsSync(fileOf(name))], [false, true]);
    assert.equal(
      swept.some((each) => each.startsWith(name)),
      false,
    );
    assert.equal(SharedMemory.unlink(name), true);
  });

  test('one of another version of the layout says so', () => {
    const name = freshName();
    plant(
      name,
      changed((words) => (words[VERSION] = 999)),
    );
    assert.throws(() => SharedMemory.open(name), {
      code: 'ERR_SEGMENT_VERSION',
      message: new RegExp(
        `"${name}" has layout 999, and this version of manyhands knows layout \\d+\\. Run one version`,
      ),
    });
  });

  test('one whose size is beyond its pages shows those that it has', () => {
    const name = freshName();
    plant(
      name,
      changed((words) => (words[8] = 0x7fff_ffff)),
    );
    const memory = SharedMemory.open(name);
    assert.equal(memory.size, PAGE - 64);
    assert.equal(memory.buf.length, PAGE - 64);
    memory.close();
  });

  test('a list with a damaged table is read without a crash', () => {
    const name = freshName();
    const list = new ShareableList(['abc', 1], { name });
    const bytes = new Uint8Array(readFileSync(fileOf(name)));
    SharedMemory.unlink(name);
    assert.equal(list.length, 2);
    for (const at of [64, 68, 72, 80, 84]) {
      const copy = bytes.slice();
      new Int32Array(copy.buffer)[at / 4] = 0x7fff_0000;
      const other = freshName();
      plant(other, copy);
      const opened = ShareableList.open(other);
      for (const index of [0, 1]) {
        try {
          assert.notEqual(opened.at(index), undefined);
        } catch (error) {
          assert.ok(error instanceof RangeError, String(error));
        }
      }
    }
  });

  test('names of files that it would not make, folders, pipes and links stop nobody', () => {
    const prefix = fileOf('');
    const strange = ['%', '%zz', '%ff', 'a%', 'a~b%', '~', '~1'].map((name) => `${prefix}${freshName()}${name}`);
    for (const file of strange) {
      files.add(file);
      writeFileSync(file, '');
    }
    const [folder, pipe, link, target] = ['folder', 'pipe', 'link', 'target'].map(freshName) as [
      string,
      string,
      string,
      string,
    ];
    for (const name of [folder, pipe, link, target]) files.add(fileOf(name));
    mkdirSync(fileOf(folder));
    execFileSync('mkfifo', [fileOf(pipe)]);
    const memory = new SharedMemory({ name: target, size: 8 });
    symlinkSync(fileOf(target), fileOf(link));
    for (const name of [folder, pipe, link]) {
      assert.throws(() => SharedMemory.open(name), { ...otherKind, message: /was not made by manyhands/ }, name);
      assert.throws(() => new SharedMemory({ name, size: 8 }), { code: 'ERR_SEGMENT_EXISTS' }, name);
    }
    assert.equal(memory.buf[0], 0);
    assert.deepEqual(
      strange.filter((file) => existsSync(file)),
      [],
      'files that nobody has open are leftovers',
    );
    assert.ok(SharedMemory.sweep().every((name) => typeof name === 'string'));
    memory.close();
  });

  test('a file of another user is not believed, and not removed', {
    skip: process.getuid?.() !== 0 && 'only root can make one',
  }, () => {
    const name = freshName();
    const file = plant(
      name,
      changed(() => {}),
    );
    chownSync(file, 12_345, 12_345);
    assert.throws(() => SharedMemory.open(name), { ...otherKind, message: /was not made by manyhands for this user/ });
    for (const fd of held) closeSync(fd);
    held.clear();
    SharedMemory.sweep();
    assert.ok(existsSync(file));
  });
});
