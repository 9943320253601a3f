/** Another process: everything travels as bytes, and memory cannot be shared. @module */
import assert from 'node:assert/strict';
import { sep as separator } from 'node:path';
import { pid } from 'node:process';
import { after, test } from 'node:test';
import { isMainThread } from 'node:worker_threads';
import { CodeBook, pack } from '../../src/closures/index.ts';
import * as lib from './fixtures/lib.ts';
import { Link } from './fixtures/link.ts';
import { Secret, Vec } from './fixtures/shapes.ts';

const link = new Link({ destination: 'process' });
after(() => link.end());
const K = 10;
const cfg = { n: 3, when: new Date(5), bytes: Buffer.from('abc') };
const helper = (x: number): number => x * cfg.n + K;

test('functions by reference and by value, with what they capture', async () => {
  assert.equal(await link.run(lib.usesHidden, 1), 16);
  assert.equal(await link.run((x: number) => helper(x) + cfg.bytes.length + +cfg.when, 1), 21);
  assert.notEqual(await link.run(lib.where), lib.where());
});
test('what is imported from a module of Node is what that says there', async () => {
  const [id, sep, main] = await link.run(() => [pid, separator, isMainThread] as const);
  assert.notEqual(id, pid, 'its own process');
  assert.deepEqual([sep, main], [separator, true]);
});
test('instances, there and back', async () => {
  const v = await link.run((a: Vec) => Vec.scale(a, 2), new Vec(3, 4));
  assert.ok(v instanceof Vec && v.len() === 10);
  assert.equal((await link.run((s: Secret) => new Secret(s.reveal() * 2), new Secret(4))).reveal(), 8);
});
test('functions as results', async () => {
  const made = await link.run((k: number) => (x: number) => helper(x) * k, 2);
  assert.equal(made(1), 26);
});

const shared = new SharedArrayBuffer(8);
const port = new MessageChannel().port1;
port.close();
const { WebAssembly } = globalThis as unknown as { WebAssembly: { Module: new (bytes: Uint8Array) => object } };
const compiled = new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0));
const cases: [string, unknown, RegExp][] = [
  ['a SharedArrayBuffer', { a: shared }, /^argument 1 > \.a: shared memory/],
  ['a view of one', [new Int32Array(shared)], /^argument 1 > \[0\]: shared memory/],
  ['a Buffer over one', Buffer.from(shared), /^argument 1: shared memory/],
  ['one in a map', new Map([['k', shared]]), /^argument 1 > \['k'\]: shared memory/],
  ['one that a function captures', () => shared.byteLength, /captured variable 'shared': shared memory/],
  ['a MessagePort', { port }, /^argument 1 > \.port: an object of class MessagePort/],
  ['a Blob', new Blob(['x']), /^argument 1: an object of class Blob/],
  ['compiled WebAssembly', compiled, /^argument 1: an object of class Module/],
];
for (const [what, value, message] of cases) {
  test(`${what} cannot go to a process, but to a thread`, () => {
    const book = new CodeBook();
    assert.throws(() => pack([value], { destination: 'process', book, root: 'arguments' }), {
      code: 'ERR_NOT_SHAREABLE',
      message,
    });
    assert.throws(() => pack([value], { destination: 'process', book }), /Use threads, or send a copy/);
    assert.ok(!(pack([value], { destination: 'thread', book }) instanceof Promise));
  });
}
