/**
 * What packing and unpacking costs, in microseconds: the first time, and again.
 *
 *     node bench/closures/closures.bench.ts
 *
 * Each figure is the median of many; a figure marked `first` is one run in this process.
 * @module
 */
import { CodeBook, type CodeUnit, isPlain, type Packed, pack, unpack } from '../../src/closures/index.ts';
import { add, add5, countCalls, makeAdder, usesHidden } from '../../test/closures/fixtures/lib.ts';
import { Link } from '../../test/closures/fixtures/link.ts';
import { Vec } from '../../test/closures/fixtures/shapes.ts';

const rows: { readonly what: string; readonly 'us, first'?: number; readonly 'us, median'?: number }[] = [];
const round = (us: number): number => Number(us.toPrecision(3));
const BATCHES = 60;

/** Times one run. */
async function first<T>(what: string, run: () => T | Promise<T>): Promise<T> {
  const begin = performance.now();
  const result = await run();
  rows.push({ what, 'us, first': round((performance.now() - begin) * 1000) });
  return result;
}

/** Times batches of a synchronous function, each long enough for the clock. */
function again(what: string, run: (i: number) => unknown, perBatch = 100): void {
  const times: number[] = [];
  for (let batch = 0; batch < BATCHES; batch += 1) {
    const begin = performance.now();
    for (let i = 0; i < perBatch; i += 1) run(i);
    times.push(((performance.now() - begin) * 1000) / perBatch);
  }
  rows.push({ what, 'us, median': round(median(times)) });
}

async function againAsync(what: string, run: () => Promise<unknown>, times = 500): Promise<void> {
  const all: number[] = [];
  for (let i = 0; i < times; i += 1) {
    const begin = performance.now();
    await run();
    all.push((performance.now() - begin) * 1000);
  }
  rows.push({ what, 'us, median': round(median(all)) });
}

const median = (all: readonly number[]): number => [...all].sort((a, b) => a - b)[all.length >> 1] as number;

const units = new Map<number, CodeUnit>();
const book = new CodeBook((id, unit) => units.set(id, unit));
const code = (id: number): CodeUnit => units.get(id) as CodeUnit;
const asFunction = { destination: 'thread', book, root: 'function' } as const;
const asArguments = { destination: 'thread', book, root: 'arguments' } as const;

const K = 3;
const cfg = { a: [1, 2, 3] };
const h1 = (x: number): number => x + K;
const h2 = (x: number): number => h1(x) * cfg.a.length;
const h3 = (x: number): number => h2(x) + h1(x);
const makePure = () => (x: number) => x * 2;
const makeGlobal = () => (x: number) => Math.sqrt(x);
const pure = makePure();
const constant = (x: number): number => x * K;
const changing = (x: number): number => x * K + (cfg.a[0] as number);
const deep = (x: number): number => h3(x) + h2(x) + h1(x);

await first('pack an exported function (connects the inspector, asks the module)', () => pack(usesHidden, asFunction));
await first('pack another export of that module', () => pack(countCalls, asFunction));
again('pack an exported function again', () => pack(usesHidden, asFunction), 10_000);
await first('pack an unexported closure of that module', () => pack(makeAdder(1), asFunction));
await first('pack an inline arrow that takes nothing', () => pack(pure, asFunction));
again('pack it again', () => pack(pure, asFunction), 10_000);
again('pack a new function of the same text', () => pack(makePure(), asFunction), 10_000);
again('pack a new function that uses Math', () => pack(makeGlobal(), asFunction));
await first('pack an arrow with a captured constant', () => pack(constant, asFunction));
again('pack it again', () => pack(constant, asFunction), 10_000);
await first('pack an arrow with a captured object', () => pack(changing, asFunction));
again('pack it again (its values may have changed)', () => pack(changing, asFunction));
await first('pack an arrow with 3 helpers and 2 captured values', () => pack(deep, asFunction));
again('pack it again', () => pack(deep, asFunction));
await first('pack an instance of an exported class', () => pack(new Vec(1, 2), asArguments));
again('pack another', () => pack([new Vec(1, 2)], asArguments));
class Point {
  x = K;
  norm(): number {
    return Math.abs(this.x) * K;
  }
}
await first('pack an instance of a class of the main module', () => pack([new Point()], asArguments));
again('pack another', () => pack([new Point()], asArguments));

const object = { a: 1, b: 'x', c: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] };
const numbers = Array.from({ length: 100_000 }, (_, i) => i);
const objects = Array.from({ length: 10_000 }, (_, i) => ({ i, s: 'x' }));
again('pack arguments [1, 2]', () => pack([1, 2], asArguments), 10_000);
again('pack arguments [{ a, b, c: [10 numbers] }]', () => pack([object], asArguments), 10_000);
again('isPlain of 100,000 numbers', () => isPlain(numbers), 5);
again('isPlain of 10,000 objects', () => isPlain(objects), 5);
again('pack an object with a function beside 100,000 numbers', () => pack([{ numbers, add }], asArguments), 5);

const packets = [deep, pure].map((fn) => structuredClone((pack(fn, asFunction) as Packed).packet));
await first('unpack an arrow with 3 helpers (compiles)', () => unpack(packets[0] as never, code));
await againAsync('unpack it again', () => unpack(packets[0] as never, code));
await againAsync('unpack an arrow that takes nothing', () => unpack(packets[1] as never, code));

const link = new Link();
await first('start a thread and call an export in it', () => link.run(add, 1, 2));
await againAsync('round trip: an export, by bare postMessage', () => link.run(add5, 1));
await againAsync('round trip: an arrow that takes nothing', () => link.run(pure, 1));
await againAsync('round trip: an arrow with a captured object', () => link.run(changing, 1));
link.end();

console.log(`node ${process.version}`);
console.table(
  Object.fromEntries(rows.map(({ what, ...figures }, i) => [`${String(i + 1).padStart(2)} ${what}`, figures])),
);
