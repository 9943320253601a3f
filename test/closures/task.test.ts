/** Functions named by hand, and modules that may not be loaded by a worker. @module */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { assertMayStartWorkers, CodeBook, pack, task, unpack } from '../../src/closures/index.ts';
import { importing } from '../../src/closures/import-guard.ts';
import { Link } from './fixtures/link.ts';
import { shout } from './fixtures/tasks.ts';

const link = new Link();
after(() => link.end());

test('a task is found by name in the file that registers it', async () => {
  assert.equal(await link.run(shout, 'hi'), 'HI!1');
  const packed = pack(shout, { destination: 'thread', book: new CodeBook() });
  assert.ok(!(packed instanceof Promise) && packed.stable);
  assert.deepEqual(packed.packet.nodes, [
    ['task', new URL('./fixtures/tasks.ts', import.meta.url).href, 'fixtures.shout'],
  ]);
});
test('task() gives the function back, and does not mind being called again for it', () => {
  const fn = (x: number): number => x;
  assert.equal(task('task.test.same', fn), fn);
  assert.equal(task('task.test.same', fn), fn);
});
test('a name belongs to one function', () => {
  task('task.test.taken', () => 1);
  assert.throws(() => task('task.test.taken', () => 2), {
    code: 'ERR_TASK',
    message: /'task\.test\.taken'.*its own name/,
  });
  assert.throws(() => task('', () => 1), { code: 'ERR_TASK' });
  assert.throws(() => task('task.test.none', 5 as never), { code: 'ERR_TASK' });
});
test('a task that its file does not register says so', async () => {
  const url = new URL('./fixtures/lib.ts', import.meta.url).href;
  const packet = { root: 0, nodes: [['task', url, 'nobody'] as const], units: [] };
  await assert.rejects(
    unpack(packet, () => assert.fail()),
    { code: 'ERR_TASK', message: /'nobody' is not registered by .*lib\.ts/ },
  );
});

test('workers may be started anywhere but in a module that a worker is importing', async () => {
  assertMayStartWorkers();
  const refused = { code: 'ERR_SPAWN_WHILE_IMPORTING', message: /it imports file:\/\/\/x\.ts/ };
  await importing('file:///x.ts', () => assert.throws(assertMayStartWorkers, refused));
  await importing('file:///x.ts', async () => {
    await new Promise(setImmediate);
    assert.throws(assertMayStartWorkers, refused);
  });
  const elsewhere = new Promise<void>((resolve) => {
    setImmediate(() => {
      assertMayStartWorkers();
      resolve();
    });
  });
  await importing('file:///x.ts', () => elsewhere);
  assertMayStartWorkers();
});
test('a module that starts workers when it is loaded: an error in the worker, no endless spawn', async () => {
  const { work } = await import('./fixtures/unguarded.ts');
  await assert.rejects(link.run(work, 1), { code: 'ERR_SPAWN_WHILE_IMPORTING', message: /unguarded\.ts/ });
});
test('a module that sends its export while it is still being evaluated does not wait for itself', async () => {
  const { result, took } = await import('./fixtures/still-loading.ts');
  assert.deepEqual(result, [2, 3]); // the worker loads it too, where its own sending is refused
  assert.ok(took < 60_000, `${took} ms`);
});
