/**
 * Functions that the contract suites run in workers. Each stands alone, so that it can travel by reference and by value.
 * @module
 */

/** Says that it is there and waits to be let on; resolves to its name. */
export async function meet(path: string, name: string): Promise<string> {
  const { connect } = process.getBuiltinModule('node:net');
  const socket = connect(path);
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.once('connect', () => socket.write(`${name}\n`));
    socket.once('data', () => resolve());
    socket.once('close', () => reject(new Error('The meeting point was closed.')));
  });
  socket.destroy();
  return name;
}

/** The same, or, without a place to meet at, its name at once. */
export const meetAt = (path: string, name: string): Promise<string> | string => (path === '' ? name : meet(path, name));

/** Says that it is there and then blocks its thread for good. */
export async function meetThenBlock(path: string, name: string): Promise<void> {
  const { connect } = process.getBuiltinModule('node:net');
  const socket = connect(path);
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.once('connect', () => socket.write(`${name}\n`, () => resolve()));
  });
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}

/** Says that it is there and never ends; its connection ends with its worker. */
export async function meetForever(path: string, name: string): Promise<void> {
  const { connect } = process.getBuiltinModule('node:net');
  const socket = connect(path);
  await new Promise<void>((_resolve, reject) => {
    socket.once('error', reject);
    socket.once('connect', () => socket.write(`${name}\n`));
  });
}

export const add = (a: number, b: number): number => a + b;

export const double = (x: number): number => x * 2;

export const doubleLater = async (x: number): Promise<number> => {
  await new Promise((resolve) => setImmediate(resolve));
  return x * 2;
};

/** Blocks its thread for so many milliseconds. */
export const block = (milliseconds: number): number => {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
  return milliseconds;
};

/** Throws at one number. */
export const failAt = (x: number, bad: number): number => {
  if (x === bad) throw new RangeError(`no ${bad} here`);
  return x;
};

/** Where it runs: differs from worker to worker. */
export const whereAmI = (): string => `${process.pid}/${process.getBuiltinModule('node:worker_threads').threadId}`;

/** An error class of the user's own. */
export class StockError extends RangeError {
  readonly sku: string;
  readonly missing: number;

  constructor(message: string, sku: string, missing: number, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StockError';
    this.sku = sku;
    this.missing = missing;
  }
}

export function throwStockError(sku: string): never {
  throw new StockError(`out of ${sku}`, sku, 3, { cause: new TypeError('the reason') });
}

/** A class of the user's own. */
export class Point {
  readonly x: number;
  readonly y: number;

  constructor(x: number, y: number) {
    this.x = x;
    this.y = y;
  }

  get length(): number {
    return Math.hypot(this.x, this.y);
  }
}

export const makePoint = (x: number, y: number): Point => new Point(x, y);
