/**
 * Listeners, pairs of connections and socket paths for the time of one test.
 * @module
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type ConnectOptions, Listener, type ListenOptions, type SocketConnection } from '../../src/index.ts';

export const KEY = 'a key of the tests';

/** A folder with a short name: the paths of sockets may not be long. */
export class Folder {
  readonly path = mkdtempSync(join(tmpdir(), 'mhc-'));

  /** A path in it. */
  at(name: string): string {
    if (process.platform === 'win32') return `\\\\.\\pipe\\${this.path.replaceAll(/\W/g, '-')}-${name}`;
    return join(this.path, name);
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** Runs a test's body with a folder. */
export async function withFolder(body: (folder: Folder) => Promise<void>): Promise<void> {
  const folder = new Folder();
  try {
    await body(folder);
  } finally {
    folder[Symbol.dispose]();
  }
}

/** Runs a test's body with a listener on a Unix socket (or what the options say), which has the tests' key. */
export function withListener(
  options: Partial<ListenOptions>,
  body: (listener: Listener, folder: Folder) => Promise<void>,
): Promise<void> {
  return withFolder(async (folder) => {
    const address = options.port === undefined ? { path: folder.at('s') } : {};
    const listener = await Listener.listen({ ...address, authKey: KEY, ...options });
    try {
      await body(listener, folder);
    } finally {
      await listener.close();
    }
  });
}

/** The two ends of one connection. */
export interface Ends {
  readonly client: SocketConnection;
  readonly server: SocketConnection;
  readonly listener: Listener;
}

/** Runs a test's body with two ends that are connected. */
export function withEnds(
  body: (ends: Ends) => Promise<void>,
  options: Partial<ListenOptions> = {},
  clientOptions: Partial<ConnectOptions> = {},
): Promise<void> {
  return withListener(options, async (listener) => {
    const client = await connect({ ...listener.address, authKey: KEY, ...clientOptions });
    const server = await listener.accept();
    try {
      await body({ client, server, listener });
    } finally {
      client.close();
      server.close();
    }
  });
}
