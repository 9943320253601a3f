/**
 * Managing an object of this thread's, and using one of another program's. What it takes is loaded with the first one.
 * @module
 */
import type { Address } from '../connections/address.ts';
import type { Allow } from '../connections/allow-list.ts';
import type { ManageRules } from './exposure.ts';
import type { Managed } from './managed.ts';

/** How an object is managed, and for whom. */
export interface ManageOptions<T, P extends keyof T = never, C extends keyof T = never> extends ManageRules<T, P, C> {
  /** Where other programs find it (`connectManager`). Default: nowhere; proxies find it. */
  readonly address?: Address | undefined;
  /** With `address`: the key that others must have, 32 random bytes at best; `null` for none. */
  readonly authKey?: string | Uint8Array | null | undefined;
  /** With `address`: the functions and classes that others may name. */
  readonly allow?: Allow | undefined;
  /** With `address`: longest message, bytes; 64 MiB by default. */
  readonly maxMessage?: number | undefined;
  /** Whether being there for others keeps this process alive. Default: with `address`, as a server does; without, not. */
  readonly keepAlive?: boolean | undefined;
}

/** Where an object is served, and with what key. */
export interface ConnectManagerOptions {
  readonly address: Address;
  readonly authKey: string | Uint8Array | null;
  /** What the other side may name. Nothing by default. */
  readonly allow?: Allow | undefined;
  readonly maxMessage?: number | undefined;
}

/**
 * A proxy of an object, for any thread or process: methods become async, and run here, where the object is.
 *
 * Send the proxy as an argument, a captured variable, an item of a queue, an argument of another managed object. Names that begin with
 * `_` are private, as are `#` ones. What methods return are frozen copies, unless `proxies` or `copies` name them.
 *
 * **Python** `multiprocessing.managers.BaseManager.register`; there the object lives in a process of its own, as with `Manager` here.
 *
 * **Gotchas** The methods run in this thread's event loop: while this thread blocks, they wait. An object lives for as long as a proxy of it
 * does, and no longer than this thread. This process ends as if nobody used the object (`keepAlive`).
 *
 * @throws InvalidOptionError `ERR_INVALID_OPTION`; AddressError `ERR_ADDRESS_IN_USE`, `ERR_LISTEN`
 * @example
 * const counter = await manage(new Counter());
 * const child = new Process(async (shared) => shared.increment(), [counter]);
 * child.start();
 * await child.join();
 * console.log(await counter.count); // 1
 */
export async function manage<T extends object, const P extends keyof T = never, const C extends keyof T = never>(
  object: T,
  options: ManageOptions<T, P, C> = {},
): Promise<Managed<T, P, C>> {
  const { manageObject } = await import('./late.ts');
  return (await manageObject(object, options as ManageOptions<object>)) as Managed<T, P, C>;
}

/**
 * A proxy of the object that another program serves at an address.
 *
 * **Python** `BaseManager.connect`.
 *
 * @throws AddressError `ERR_CONNECTION_REFUSED`; AuthenticationError `ERR_AUTHENTICATION`; InvalidOptionError `ERR_INVALID_OPTION`
 * @example
 * const stock = await connectManager<Stock>({ address: { path: '/run/shop/stock' }, authKey });
 * await stock.take('apples', 3);
 */
export async function connectManager<T, P extends keyof T = never, C extends keyof T = never>(
  options: ConnectManagerOptions,
): Promise<Managed<T, P, C>> {
  const { connectToRoot } = await import('./late.ts');
  return (await connectToRoot(options)) as unknown as Managed<T, P, C>;
}
