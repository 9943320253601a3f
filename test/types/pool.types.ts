/**
 * What the types of `Pool` promise. The compiler checks this file; nothing runs it.
 * @module
 */
import { expectTypeOf } from 'expect-type';
import type { Future, Pool } from '../../src/index.ts';

declare const pool: Pool;
declare function add(a: number, b: number): number;
declare function load(url: string): Promise<Uint8Array>;
declare function maybe(text: string, times?: number): string | undefined;
declare function endless(): Generator<number, void, void>;
declare function later(): AsyncGenerator<string, void, void>;

// submit: arguments and result come from the function
expectTypeOf(pool.submit(add, 1, 2)).toEqualTypeOf<Future<number>>();
expectTypeOf(pool.submit(load, 'a')).toEqualTypeOf<Future<Uint8Array>>();
expectTypeOf(pool.submit(maybe, 'a')).toEqualTypeOf<Future<string | undefined>>();
expectTypeOf(pool.submit(() => {})).toEqualTypeOf<Future<void>>();
expectTypeOf(await pool.submit(load, 'a')).toEqualTypeOf<Uint8Array>();
// @ts-expect-error an argument of the wrong type
void pool.submit(add, 1, '2');
// @ts-expect-error an argument too few
void pool.submit(add, 1);
// @ts-expect-error an argument too many
void pool.submit(add, 1, 2, 3);
// @ts-expect-error no function
void pool.submit(42);

// map: the item comes from the input, the result from the function
expectTypeOf(pool.map((x) => x * 2, [1, 2])).toEqualTypeOf<Promise<number[]>>();
expectTypeOf(pool.map(load, ['a'])).toEqualTypeOf<Promise<Uint8Array[]>>();
expectTypeOf(pool.map((x) => String(x), new Set([1n]))).toEqualTypeOf<Promise<string[]>>();
expectTypeOf(pool.map((x) => x, endless())).toEqualTypeOf<Promise<number[]>>();
expectTypeOf(pool.map((x) => x.length, later())).toEqualTypeOf<Promise<number[]>>();
// @ts-expect-error items that the function does not take
void pool.map(load, [1, 2]);
// @ts-expect-error a chunk size of another kind
void pool.map(load, ['a'], { chunkSize: 'many' });

// starmap: each item is the arguments
expectTypeOf(pool.starmap(add, [[1, 2]])).toEqualTypeOf<Promise<number[]>>();
// @ts-expect-error an item that is too short
void pool.starmap(add, [[1]]);

// imap, imapUnordered: results one by one
for await (const bytes of pool.imap(load, later())) expectTypeOf(bytes).toEqualTypeOf<Uint8Array>();
for await (const x of pool.imapUnordered((item) => item + 1, endless())) expectTypeOf(x).toEqualTypeOf<number>();

// with: the same, with options
expectTypeOf(pool.with({ timeout: 10 }).submit(add, 1, 2)).toEqualTypeOf<Future<number>>();
// @ts-expect-error an option that is not there
pool.with({ timeLimit: 10 });

expectTypeOf(pool.close()).toEqualTypeOf<Promise<void>>();
expectTypeOf(pool).toHaveProperty(Symbol.asyncDispose);

// errors: 'settle' gives outcomes
expectTypeOf(pool.map(load, ['a'], { errors: 'settle' })).toEqualTypeOf<Promise<PromiseSettledResult<Uint8Array>[]>>();
expectTypeOf(pool.map(load, ['a'], { errors: 'continue' })).toEqualTypeOf<Promise<Uint8Array[]>>();
expectTypeOf(pool.starmap(add, [[1, 2]], { errors: 'settle' })).toEqualTypeOf<
  Promise<PromiseSettledResult<number>[]>
>();
for await (const outcome of pool.imap(load, later(), { errors: 'settle' })) {
  expectTypeOf(outcome).toEqualTypeOf<PromiseSettledResult<Uint8Array>>();
}
// @ts-expect-error a policy that is not there
void pool.map(load, ['a'], { errors: 'ignore' });
