/** A function or class that comes back to where it was made is itself again. @module */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import * as lib from './fixtures/lib.ts';
import { Link } from './fixtures/link.ts';
import { Vec } from './fixtures/shapes.ts';

const links = [new Link(), new Link({ destination: 'process' })];
after(() => {
  for (const link of links) link.end();
});

for (const link of links) {
  const where = link.destination;
  test(`${where}: a function by value is itself again`, async () => {
    let n = 0;
    const local = (x: number): number => x + n;
    n = 5;
    const back = await link.run((f: unknown) => ({ f }), local as unknown);
    assert.equal(back.f, local);
  });
  test(`${where}: so is an exported function, a class, a method, and a captured one`, async () => {
    class Local {
      go(): number {
        return 1;
      }
    }
    const go = Local.prototype.go;
    const back = await link.run((...all: unknown[]) => [...all, go, Local], lib.add as unknown, Vec, Local, go);
    assert.deepEqual(
      back.map((each, i) => each === [lib.add, Vec, Local, go, go, Local][i]),
      [true, true, true, true, true, true],
    );
  });
  test(`${where}: a function of the worker's is itself when it comes back there`, async () => {
    const made = await link.run(() => {
      const fn = (x: number): number => x * 3;
      (globalThis as { made?: unknown }).made = fn;
      return fn;
    });
    assert.equal(made(2), 6);
    assert.equal(await link.run((f: unknown) => f === (globalThis as { made?: unknown }).made, made as unknown), true);
  });
}

test('what a realm hands out does not keep it alive', async () => {
  const { originalOf, tokenOf } = await import('../../src/closures/identity.ts');
  const { setFlagsFromString } = await import('node:v8');
  const { runInNewContext } = await import('node:vm');
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  let token = '';
  (() => {
    token = tokenOf(new Function('return 1'));
  })();
  for (let i = 0; i < 50 && originalOf(token) !== undefined; i += 1) {
    await new Promise(setImmediate);
    collect();
  }
  assert.equal(originalOf(token), undefined);
});
