/** What is exported by a module that is not the main one is imported by the worker, not copied. @module */
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { after, test } from 'node:test';
import { CodeBook, pack } from '../../src/closures/index.ts';
import { ping } from './fixtures/cycle-a.ts';
import { pong } from './fixtures/cycle-b.ts';
import libDefault, * as lib from './fixtures/lib.ts';
import { Link, runOnce } from './fixtures/link.ts';
import { Vec } from './fixtures/shapes.ts';
import { Vec3 } from './fixtures/shapes3d.ts';

const require = createRequire(import.meta.url);
type CommonJs = {
  triple(x: number): number;
  hiddenRef(x: number): number;
  holder: { h(x: number): number };
  lambda(): (x: string) => string;
  where(): string;
};
const cjs = require('./fixtures/lib.cjs') as CommonJs;
const single = require('./fixtures/single.cjs') as (x: number) => string;

const link = new Link();
after(() => link.end());

test('an exported function', async () => {
  assert.equal(await link.run(lib.add, 2, 3), 5);
});
test('its unexported helpers and the variables of its module', async () => {
  assert.equal(await link.run(lib.usesHidden, 1), 16);
});
test('a renamed export', async () => {
  assert.equal(await link.run(lib.plus, 2, 3), 5);
});
test('a default export: an anonymous async arrow that uses import.meta', async () => {
  assert.equal(await link.run(libDefault, 'q'), 'lib.ts:q');
});
test('two exports with one place in the source are told apart', async () => {
  assert.deepEqual([await link.run(lib.add5, 1), await link.run(lib.add6, 1)], [6, 7]);
});
test('an unexported function, reached through its module scope', async () => {
  assert.equal(await link.run(lib.drawer.hiddenRef, 1), 8);
  const { packet } = await pack(lib.drawer.hiddenRef, { destination: 'thread', book: new CodeBook() });
  assert.equal(packet.nodes[packet.root]?.[0], 'reference');
});
test('a static method, a method of an exported object', async () => {
  assert.deepEqual(await link.run(Vec.unit), new Vec(1, 0));
  assert.equal(await link.run(lib.api.twice, 4), 8);
});
test('an instance as argument and as result, with its class', async () => {
  const scaled = await link.run((v: Vec) => Vec.scale(v, 2), new Vec(3, 4));
  assert.ok(scaled instanceof Vec);
  assert.equal(scaled.len(), 10);
});
test('a class hierarchy over two modules', async () => {
  const result = await link.run((v: Vec3) => [v.len(), v instanceof Vec3, v instanceof Vec], new Vec3(2, 3, 6));
  assert.deepEqual(result, [7, true, true]);
  const made = await link.run(() => new Vec3(2, 3, 6));
  assert.ok(made instanceof Vec3 && made instanceof Vec);
});
test('a bound function and a bound method', async () => {
  assert.equal(await link.run(lib.add.bind(null, 5) as (b: number) => number, 6), 11);
  assert.equal(await link.run(Vec.prototype.len.bind(new Vec(3, 4))), 5);
});
test('a generator function', async () => {
  assert.deepEqual(await link.run((n: number) => [...lib.count(n)], 3), [0, 1, 2]);
});
test("the state of a module is the worker's own", async () => {
  assert.deepEqual([await runOnce(lib.countCalls), lib.countCalls()], [1, 1]);
});
test('it really runs elsewhere', async () => {
  assert.notEqual(await link.run(lib.where), lib.where());
});
test('a function written inline in an imported module', async () => {
  assert.equal(await lib.runInline((fn, x) => link.run(fn, x), 1), 15);
});
test('two modules that import each other', async () => {
  assert.deepEqual([await link.run(ping, 4), await link.run(pong, 5)], [10, 10]);
  assert.equal(await link.run((n: number) => ping(n) + pong(n), 4), 9);
});

test('CommonJS: exports, unexported functions, members', async () => {
  assert.equal(await link.run(cjs.triple, 2), 6);
  assert.equal(await link.run(cjs.hiddenRef, 2), 6);
  assert.equal(await link.run(cjs.holder.h, 2), 7);
  assert.equal(await link.run(single, 1), 'single1');
  assert.equal(await link.run(cjs.where), '3lib.cjs');
});
test('CommonJS: a closure with require and __filename', async () => {
  assert.equal(await link.run(cjs.lambda(), 'x'), '/1xlib.cjs');
});

test('a reference to a module that is known needs no promise', async () => {
  const options = { destination: 'thread', book: new CodeBook(), root: 'function' } as const;
  await pack(lib.where, options);
  const packed = pack(lib.threadLocalThing, options);
  assert.ok(!(packed instanceof Promise));
  assert.equal(packed.stable, true);
  assert.equal(pack(lib.threadLocalThing, options), packed);
});
test('a name that is no longer exported says so', async () => {
  const { packet } = await pack(lib.add, { destination: 'thread', book: new CodeBook() });
  const nodes = packet.nodes.map((node) =>
    node[0] === 'reference' ? (['reference', '0.0.0', node[2], true, 'exports', ['gone']] as const) : node,
  );
  const { unpack } = await import('../../src/closures/index.ts');
  await assert.rejects(
    unpack({ ...packet, nodes }, () => assert.fail()),
    { code: 'ERR_NOT_FOUND', message: /^gone is not in file:/ },
  );
});
