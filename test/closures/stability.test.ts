/** What may be kept: packets of functions that cannot change, and code that was sent already. @module */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { after, test } from 'node:test';
import { CodeBook, type CodeUnit, pack, type Packed, task } from '../../src/closures/index.ts';
import {
  array,
  Barrier,
  Condition,
  Event,
  float64,
  int32,
  Lock,
  Pool,
  PriorityQueue,
  Queue,
  RwLock,
  Semaphore,
  SharedArray,
  SharedMap,
  sharedStruct,
  Value,
} from '../../src/index.ts';
import * as lib from './fixtures/lib.ts';
import { live } from './fixtures/lib.ts';
import { Link } from './fixtures/link.ts';
import { Vec } from './fixtures/shapes.ts';
import { SharedPoint } from './fixtures/shared-shapes.ts';

/** Functions whose captured variables change in a way that is easily overlooked, once each. */
const changing = createRequire(import.meta.url)('./fixtures/changing.cjs') as Record<
  string,
  () => Iterator<() => number>
>;
const link = new Link();
after(() => link.end());

const LIMIT = 10;
const text = 'x';
const inner = (x: number): number => x + LIMIT;
const list = [1];
let moving = 0;
export const move = (): void => {
  moving += 1;
};
let still = 5; // oxlint-disable-line prefer-const
const words = new Int32Array(new SharedArrayBuffer(4));
const [first] = [7];
export const named = task('stability.named', (x: number) => x + moving);

const unbound = (): number[] => list;

async function isStable(fn: unknown): Promise<boolean> {
  const { stable } = await pack(fn, { destination: 'thread', book: new CodeBook(), root: 'function' });
  return stable;
}

test('stable: references, tasks, functions that take nothing', async () => {
  const answers = [lib.add, named, Math.max, (x: number) => x * 2, Vec.unit, lib.add.bind(null, 1)].map(isStable);
  assert.deepEqual(await Promise.all(answers), [true, true, true, true, true, true]);
});
test('stable: constants, functions of constants, classes, imports, shared memory, variables that nobody assigns to', async () => {
  class Local {
    go(): number {
      return LIMIT;
    }
  }
  const fns: unknown[] = [
    () => LIMIT + text.length,
    (x: number) => inner(x),
    () => new Local().go(),
    () => lib.add(1, 2),
    () => Atomics.load(words, 0),
    () => still,
    () => first,
    () => new Vec(1, 2),
  ];
  assert.deepEqual(
    await Promise.all(fns.map(isStable)),
    fns.map(() => true),
  );
});
test('stable: locks and their kin, values, arrays, maps and queues in the memory of this process', async () => {
  const lock = new Lock();
  const rw = new RwLock();
  const gate = new Semaphore(2);
  const over = new Event();
  const meet = new Barrier(2);
  const count = new Value(int32);
  const cells = new SharedArray(float64, 8);
  const point = new SharedPoint();
  class Account extends sharedStruct({ balance: int32, lock: Lock, places: array(int32, 3), at: SharedPoint }) {
    room(): number {
      return LIMIT - this.balance;
    }
  }
  const account = new Account();
  const condition = new Condition();
  const map = new SharedMap();
  const queue = new Queue();
  const ranked = new PriorityQueue();
  const fns: unknown[] = [
    () => lock.tryAcquire(),
    () => rw.read,
    () => gate.value,
    () => over.isSet,
    () => meet.parties,
    () => count.value + LIMIT,
    () => cells[0],
    () => condition.lock,
    () => map.size,
    () => [queue.size, ranked.size],
    () => [inner(1), point.length],
    () => account.room(),
  ];
  assert.deepEqual(
    await Promise.all(fns.map(isStable)),
    fns.map(() => true),
  );
});
test('not stable: shared objects with fields of their own, of process scope, with objects inside, among others', async () => {
  class Named extends Lock {
    hits = 0;
  }
  const ownFields = new Named();
  const added = Object.assign(new Lock(), { note: 'mine' });
  const condition = new Condition(ownFields);
  class Inner extends sharedStruct({ balance: int32 }) {
    left(): number {
      return moving - this.balance;
    }
  }
  class Outer extends sharedStruct({ inner: Inner }) {}
  const outer = new Outer();
  const ranked = new PriorityQueue({ priority: (item: number) => item * list.length });
  const lock = new Lock();
  const fns: unknown[] = [
    () => ownFields.hits,
    () => added.note,
    () => condition.lock,
    () => ranked.size,
    () => outer.inner.left(),
    () => [lock, list],
    () => [lock, moving],
  ];
  if (process.platform === 'linux') {
    const everywhere = new Lock({ scope: 'process' });
    fns.push(() => everywhere.locked);
  }
  assert.deepEqual(
    await Promise.all(fns.map(isStable)),
    fns.map(() => false),
  );
});
test('not stable: objects, variables that somebody assigns to, properties, live imports', async () => {
  const fns: unknown[] = [
    () => list.length,
    () => moving,
    (x: number) => {
      moving = x;
    },
    () => [inner(1), moving],
    Object.assign(() => 1, { k: 1 }),
    () => live,
    unbound.bind(null),
    lib.add.bind([]),
  ];
  assert.deepEqual(
    await Promise.all(fns.map(isStable)),
    fns.map(() => false),
  );
});
test('only functions have stable packets', async () => {
  const { stable } = await pack([1, { f: () => 1 }], { destination: 'thread', book: new CodeBook() });
  assert.equal(stable, false);
});

test('the packet of a stable function is kept', () => {
  const options = { destination: 'thread', book: new CodeBook(), root: 'function' } as const;
  const fn = (x: number): number => inner(x);
  assert.equal(pack(fn, options), pack(fn, options));
  const unstable = (): number => list.length;
  assert.notEqual(pack(unstable, options), pack(unstable, options));
});
test('functions with one text that takes nothing have one packet', () => {
  const options = { destination: 'thread', book: new CodeBook(), root: 'function' } as const;
  const make = () => (x: number) => x * 3;
  const makeAdorned = () => Object.assign((x: number) => x * 3, { k: 1 });
  const known = pack(make(), options);
  assert.equal(pack(make(), options), known);
  assert.notEqual(pack(makeAdorned(), options), known);
  const makeCounting = (k: number) => (x: number) => x * k;
  assert.notEqual(pack(makeCounting(1), options), pack(makeCounting(2), options));
  const makeMath = () => (x: number) => Math.sqrt(x); // a global may be hidden by a variable of that name elsewhere
  assert.notEqual(pack(makeMath(), options), pack(makeMath(), options));
});
test('a function that speaks of itself keeps its identity', () => {
  const options = { destination: 'thread', book: new CodeBook(), root: 'function' } as const;
  const make = () =>
    function self(): unknown {
      return self;
    };
  assert.notEqual(pack(make(), options), pack(make(), options));
});

test('code is given out once, before the packet that uses it, and then by its number', async () => {
  const news: [number, CodeUnit][] = [];
  const book = new CodeBook((id, unit) => news.push([id, unit]));
  const send = (): Packed => pack(() => list.length, { destination: 'thread', book }) as Packed;
  const packets = [send(), send(), send()];
  assert.equal(news.length, 1);
  const [[id, unit]] = news as [[number, CodeUnit]];
  assert.deepEqual(
    packets.map((each) => each.packet.units[0]?.code),
    [id, id, id],
  );
  assert.equal(unit.url, import.meta.url);
  assert.deepEqual([...book.entries()], news);
  list.push(2);
  assert.deepEqual(send().packet.nodes.at(-1), ['raw', [1, 2]]);
});
test('code that no living packet uses is forgotten', async () => {
  const gone = new Set<number>();
  const book = new CodeBook(undefined, (id) => gone.add(id));
  const kept = pack(new Function('return "kept"'), { destination: 'thread', book }) as Packed;
  for (let i = 0; i < 1500; i += 1) await pack(new Function(`return ${i}`), { destination: 'thread', book });
  const { setFlagsFromString } = await import('node:v8');
  const { runInNewContext } = await import('node:vm');
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  for (let i = 0; i < 100 && gone.size < 100; i += 1) {
    await new Promise(setImmediate);
    collect();
  }
  assert.ok(gone.size >= 100, `${gone.size} units were forgotten`);
  const left = new Map(book.entries());
  assert.ok(left.has(kept.packet.units[0]?.code as number));
  for (const id of gone) assert.ok(!left.has(id));
});

test('a function that is sent again has the variables of now, however they were changed', async () => {
  const pool = new Pool({ workers: 1 });
  for (const [how, change] of Object.entries(changing)) {
    const steps = change();
    const { value: fn } = steps.next();
    const before = await pool.submit(fn);
    steps.next();
    assert.deepEqual([how, before, await pool.submit(fn)], [how, how === 'hoisted' ? undefined : 19, 91]);
  }
  await pool.close();
});
test('a function that assigns to a captured variable is warned of, once', async () => {
  const warning = once(process, 'warning') as Promise<[Error & { code: string }]>;
  let total = 0;
  const add = (x: number): void => {
    total += x;
  };
  await link.run(add, 5);
  const [{ code, message, name }] = await warning;
  assert.deepEqual([code, name], ['MANYHANDS_CAPTURED_ASSIGNMENT', 'ManyhandsWarning']);
  assert.match(message, /^add \(file:.*stability\.test\.ts:\d+\) assigns to the captured variable 'total'/);
  assert.equal(total, 0);
  let more = 0;
  process.once('warning', () => {
    more += 1;
  });
  await link.run(add, 5);
  await new Promise(setImmediate);
  assert.equal(more, 0);
});
test('what only looks like an assignment is not warned of', async () => {
  let warnings = 0;
  const count = (): void => {
    warnings += 1;
  };
  process.on('warning', count);
  const o = { LIMIT: 0 };
  await link.run(({ a, b: [c] = [LIMIT] }: { a?: number; b?: number[] } = {}) => {
    o.LIMIT = 1;
    return LIMIT === 10 && a === c ? 'LIMIT = 3' : { LIMIT };
  });
  await new Promise(setImmediate);
  process.off('warning', count);
  assert.equal(warnings, 0);
});
