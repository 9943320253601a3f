/**
 * A server of managed objects: a listener, the objects, and a session for each client.
 *
 * At rest  With `keepAlive: false` it keeps no process alive: the objects end with the thread that has them.
 * @module
 */
import { randomUUID } from 'node:crypto';
import { type Address, addressOf } from '../connections/address.ts';
import type { Allow, AllowList } from '../connections/allow-list.ts';
import { checkOptions } from '../connections/connection-options.ts';
import { SocketListener } from '../connections/socket-listener.ts';
import { allowFor } from './manager-allow.ts';
import { type Entry, ObjectTable } from './object-table.ts';
import * as protocol from './protocol.ts';
import { clientFor, proxyFor } from './proxy.ts';
import { Session, type SessionHost } from './session.ts';
import { privateAddress, privateKey, type Target } from './target.ts';

/** Where and for whom a server is. */
export interface ServeOptions {
  /** Default: a secret one, for this program's own threads and processes. */
  readonly address?: Address | undefined;
  /** The key of an address; `null` for none. */
  readonly authKey?: string | Uint8Array | null | undefined;
  readonly maxMessage?: number | undefined;
  /** What clients may name. */
  readonly allow?: Allow | undefined;
  readonly keepAlive: boolean;
}

/** A server. */
export class ManagerServer implements SessionHost {
  readonly target: Target;
  readonly table = new ObjectTable();
  readonly allow: AllowList;
  root: Entry | undefined;
  readonly #listener: SocketListener;
  readonly #sessions = new Set<Session>();

  private constructor(listener: SocketListener, target: Target, allow: AllowList) {
    this.#listener = listener;
    this.target = target;
    this.allow = allow;
    void this.#accept();
  }

  /** @throws InvalidOptionError `ERR_INVALID_OPTION`; AddressError `ERR_ADDRESS_IN_USE`, `ERR_LISTEN` */
  static async listen({ address, authKey, maxMessage, allow, keepAlive }: ServeOptions): Promise<ManagerServer> {
    const family = address === undefined;
    const where = address ?? privateAddress();
    const key = family ? privateKey() : authKey;
    const checked = checkOptions({ authKey: key as string, maxMessage });
    const list = allowFor(family, allow);
    const listener = await SocketListener.listen(
      { ...addressOf(where), authKey: checked.key, maxMessage: checked.maxMessage },
      keepAlive,
    );
    const { address: at } = listener;
    const target = { address: at, id: randomUUID(), key: checked.key, family, maxMessage: checked.maxMessage };
    return new ManagerServer(listener, target, list);
  }

  /** How many clients there are. */
  get clients(): number {
    return this.#sessions.size;
  }

  /** A proxy in this thread, which is a client of its own server. */
  proxyOf(entry: Entry): object {
    const client = clientFor(this.target);
    // it is on its way from here to here; the loan holds it until the client has said so
    const ticket = randomUUID();
    this.table.lend(entry, ticket, this);
    client.tell(protocol.CLAIM, entry.id, ticket);
    return proxyFor(client, entry.id, entry.exposure.description);
  }

  /** Ends all clients and all objects. */
  async close(): Promise<void> {
    const closed = this.#listener.close();
    for (const session of this.#sessions) session.end();
    this.table.clear();
    await closed;
  }

  async #accept(): Promise<void> {
    for await (const connection of this.#listener) {
      const session = new Session(connection, this);
      this.#sessions.add(session);
      void session.serve().finally(() => this.#sessions.delete(session));
    }
  }
}
