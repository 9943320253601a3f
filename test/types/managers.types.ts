/**
 * What the types of proxies promise. The compiler checks this file; nothing runs it.
 * @module
 */
import { expectTypeOf } from 'expect-type';
import { connectManager, type Frozen, manage, Managed, Manager, type RemoteIterator } from '../../src/index.ts';

class Tree {
  readonly name: string = '';
  size = 0;
  readonly rows: { id: number; tags: string[] }[] = [];
  _private = 1;
  #secret = 2;
  grow(by: number, options?: { readonly signal?: AbortSignal }): number {
    return by + this.#secret + (options === undefined ? 0 : 1);
  }
  async find(id: number): Promise<{ id: number } | undefined> {
    return { id };
  }
  branch(): Tree {
    return this;
  }
  me(): this {
    return this;
  }
  *leaves(): Generator<{ green: boolean }> {}
  taken(): number[] {
    return [];
  }
  node(): { inner: number[] } {
    return { inner: [] };
  }
  nodes(): { inner: number[] }[] {
    return [];
  }
  _hidden(): void {}
  *[Symbol.iterator](): Generator<string> {}
}

const tree = await manage(new Tree(), { proxies: ['node', 'nodes'], copies: ['taken'] });

// methods and properties become promises, of frozen copies
expectTypeOf(tree.grow(1, { signal: AbortSignal.timeout(1) })).toEqualTypeOf<Promise<number>>();
expectTypeOf(tree.name).toEqualTypeOf<Promise<string>>();
expectTypeOf(tree.find(1)).toEqualTypeOf<Promise<{ readonly id: number } | undefined>>();
expectTypeOf(await tree.rows).toEqualTypeOf<readonly { readonly id: number; readonly tags: readonly string[] }[]>();
// but for what is named
expectTypeOf(await tree.taken()).toEqualTypeOf<number[]>();
expectTypeOf((await tree.node()).inner).toEqualTypeOf<Promise<readonly number[]>>();
expectTypeOf((await tree.nodes())[0]?.inner).toEqualTypeOf<Promise<readonly number[]> | undefined>();
// itself stays itself
expectTypeOf(await tree.me()).toEqualTypeOf(tree);
// what iterates, iterates there
expectTypeOf(await tree.leaves()).toEqualTypeOf<RemoteIterator<{ readonly green: boolean }>>();
for await (const letter of tree) expectTypeOf(letter).toEqualTypeOf<string>();
expectTypeOf(tree).toExtend<AsyncDisposable>();
const wood = await manage([new Set([1])], { proxies: [Symbol.iterator] });
for await (const row of wood) expectTypeOf(row.size).toEqualTypeOf<Promise<number>>();
const logs = await manage(new Tree(), { copies: ['leaves'] });
for await (const leaf of await logs.leaves()) expectTypeOf(leaf).toEqualTypeOf<{ green: boolean }>();

// @ts-expect-error a copy is frozen
(await tree.rows).push({ id: 1, tags: [] });
// @ts-expect-error private
void tree._private;
// @ts-expect-error private
void tree._hidden();
// @ts-expect-error not there
void tree.mispelled;
// @ts-expect-error a proxy is no promise
void tree.then;
// @ts-expect-error another argument
void tree.grow('much');
// @ts-expect-error assigning cannot be awaited
tree.size = 5;
// @ts-expect-error not a name of it
void manage(new Tree(), { proxies: ['none'] });
// @ts-expect-error a misspelled option
void manage(new Tree(), { exposes: ['grow'] });

void Managed.set(tree, 'size', 5);
// @ts-expect-error another type
void Managed.set(tree, 'size', 'text');
// @ts-expect-error no such property
void Managed.set(tree, 'none', 5);

expectTypeOf(connectManager<Tree>).returns.resolves.toEqualTypeOf<Managed<Tree>>();
const unknown: unknown = tree;
if (Managed.is(unknown)) expectTypeOf(unknown).toEqualTypeOf<AsyncDisposable>();

// copies: maps, sets, what is whole
expectTypeOf<Frozen<Map<string, Set<number[]>>>>().toEqualTypeOf<ReadonlyMap<string, ReadonlySet<readonly number[]>>>();
expectTypeOf<Frozen<{ at: Date; bytes: Uint8Array; any: unknown }>>().toEqualTypeOf<{
  readonly at: Date;
  readonly bytes: Uint8Array;
  readonly any: unknown;
}>();

const manager = new Manager({ kind: 'process', register: { Tree, make: async (count: number) => ({ count }) } });
const dict = await manager.dict<string, number[]>();
expectTypeOf(await dict.get('a')).toEqualTypeOf<readonly number[] | undefined>();
expectTypeOf(await dict.pop('a')).toEqualTypeOf<number[] | undefined>();
expectTypeOf((await manager.list([1])).push(1, 2)).toEqualTypeOf<Promise<number>>();
expectTypeOf(await (await manager.list([1])).pop()).toEqualTypeOf<number | undefined>();
expectTypeOf(await (await manager.queue<{ id: number }>()).get()).toEqualTypeOf<{ id: number }>();
expectTypeOf(await (await manager.namespace({ x: 1, y: 'why' })).get('y')).toEqualTypeOf<string>();
expectTypeOf(await (await manager.value('text')).value).toEqualTypeOf<string>();
expectTypeOf(await (await manager.lock()).acquire({ timeout: 5, recover: true })).toEqualTypeOf<boolean>();
expectTypeOf(await (await manager.create(Tree)).grow(1)).toEqualTypeOf<number>();
expectTypeOf(await (await manager.pool()).submit((a: number) => String(a), 1)).toEqualTypeOf<string>();
expectTypeOf(await (await manager.createWith({ copies: ['taken'] }, Tree)).taken()).toEqualTypeOf<number[]>();
const made = await manager.create(async (count: number) => ({ count }), 1);
expectTypeOf(await made.count).toEqualTypeOf<number>();
// @ts-expect-error another argument
void manager.create(async (count: number) => ({ count }), 'text');
// @ts-expect-error another item
void (await manager.list([1])).push('text');
// @ts-expect-error another kind
new Manager({ kind: 'hybrid' });
