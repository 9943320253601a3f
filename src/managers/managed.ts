/**
 * The types of proxies, and what can be done with any of them.
 *
 * These are functions beside the proxies and not methods of them: a proxy has the names of its object and no others, which may well
 * have a `close` or a `set` of its own.
 * @module
 */

/** Names that nobody sees from afar, or that JavaScript calls of its own accord. */
type Hidden = `_${string}` | 'constructor' | 'then' | 'toString' | 'toLocaleString' | 'valueOf' | 'toJSON';
type Shown<K> = K extends string ? (K extends Hidden ? never : K) : never;
type Whole = string | number | bigint | boolean | symbol | null | undefined | Function | Date | RegExp | Error | URL;

/** A copy that is frozen through and through. Bytes cannot be; neither are instances of classes. */
export type Frozen<T> = unknown extends T
  ? T
  : T extends Whole | ArrayBufferLike | ArrayBufferView | AsyncDisposable
    ? T
    : T extends ReadonlyMap<infer K, infer V>
      ? ReadonlyMap<Frozen<K>, Frozen<V>>
      : T extends ReadonlySet<infer V>
        ? ReadonlySet<Frozen<V>>
        : { readonly [K in keyof T]: Frozen<T[K]> };

/** What iterates elsewhere. */
export type RemoteIterator<T> = AsyncIterableIterator<T> & AsyncDisposable;

type ByProxy<R> = R extends readonly (infer E)[] ? readonly ByProxy<E>[] : R extends object ? Managed<R> : R;

/** What becomes of a value that comes by a name. */
type Given<R, K, P, C> = [K] extends [P] ? ByProxy<R> : [K] extends [C] ? R : Frozen<R>;

type Result<T, R, K, P extends keyof T, C extends keyof T> = R extends
  | Iterator<infer Y, unknown, never>
  | AsyncIterator<infer Y, unknown, never>
  ? RemoteIterator<Given<Y, K, P, C>>
  : [K] extends [P]
    ? ByProxy<R>
    : [R, T] extends [T, R]
      ? Managed<T, P, C>
      : Given<R, K, P, C>;

/** What iterating gives: `Symbol.iterator` may stand among the names. */
type Item<Y, P, C> = [Extract<P, symbol>] extends [never]
  ? [Extract<C, symbol>] extends [never]
    ? Frozen<Y>
    : Y
  : ByProxy<Y>;

/**
 * A proxy of an object that lives elsewhere: methods and properties give promises, `for await` iterates.
 *
 * What they give are frozen copies, so that a change that nobody else would see throws; but for what `proxies` and `copies` name.
 *
 * **Python** the proxies of `multiprocessing.managers`.
 *
 * @typeParam P names that give proxies
 * @typeParam C names that give copies which may be changed
 */
export type Managed<T, P extends keyof T = never, C extends keyof T = never> = {
  readonly [K in keyof T as Shown<K>]: T[K] extends (...args: infer A extends readonly unknown[]) => infer R
    ? (...args: A) => Promise<Result<T, Awaited<R>, K, P, C>>
    : Promise<Result<T, Awaited<T[K]>, K, P, C>>;
} & (T extends AsyncIterable<infer Y> | Iterable<infer Y> ? AsyncIterable<Item<Y, P, C>> : unknown) &
  AsyncDisposable;

const BRAND = Symbol.for('manyhands.managed');

/** What can be done with any proxy. */
export const Managed = {
  /**
   * Gives the reference back. The object is forgotten with the last reference to it; if it has an address of its own, which
   * `manage` was given in this thread, it is served no more.
   *
   * **When to use** when it matters when: a proxy that is collected gives its reference back by itself. `await using` does the same.
   *
   * @throws InvalidOptionError `ERR_INVALID_OPTION` when it is no proxy
   */
  async release(proxy: AsyncDisposable): Promise<void> {
    const { release } = await import('./late.ts');
    await release(proxy);
  },

  /**
   * Writes a property: assigning to one cannot be awaited, and throws.
   *
   * @throws ManagerError `ERR_NOT_EXPOSED`, `ERR_MANAGER_GONE`; whatever the object throws
   * @example
   * await Managed.set(counter, 'count', 5);
   */
  async set<T extends object, K extends keyof T & string>(proxy: T, name: K, value: Written<T[K]>): Promise<void> {
    const { setProperty } = await import('./late.ts');
    await setProperty(proxy, name, value);
  },

  /** Whether something is a proxy of a managed object. */
  is(value: unknown): value is AsyncDisposable {
    return typeof value === 'object' && value !== null && BRAND in value && !Object.hasOwn(value, BRAND); // data may have it of its own
  },
} as const;

type Written<V> = V extends Promise<infer T> ? T : never;
