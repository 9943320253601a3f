/**
 * A key-value server over a Unix socket, and two clients, each a process of its own.
 *
 * Who does not have the key cannot talk to it; who has may send data, and no code.
 * @module
 */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Address, connect, Listener, Process, type SocketConnection } from '../src/index.ts';

type Request =
  | { readonly op: 'set'; readonly name: string; readonly value: unknown }
  | { readonly op: 'get'; readonly name: string };

const folder = mkdtempSync(join(tmpdir(), 'kv-'));
const path = process.platform === 'win32' ? `\\\\.\\pipe\\kv-${process.pid}` : join(folder, 'socket');
const authKey = randomBytes(32);
const store = new Map<string, unknown>();

async function serve(connection: SocketConnection<Request, unknown>): Promise<void> {
  for await (const request of connection) {
    if (request.op === 'set') store.set(request.name, request.value);
    await connection.send(store.get(request.name));
  }
  connection.close();
}

async function write(address: Address, key: Uint8Array): Promise<void> {
  const server = await connect<unknown, Request>({ ...address, authKey: key });
  for (let i = 1; i <= 1000; i++) {
    await server.send({ op: 'set', name: `square of ${i}`, value: { square: i * i, when: new Date(0) } });
    await server.recv();
  }
  server.close();
}

async function read(address: Address, key: Uint8Array): Promise<number> {
  const server = await connect<{ readonly square: number }, Request>({ ...address, authKey: key });
  let sum = 0;
  for (let i = 1; i <= 1000; i++) {
    await server.send({ op: 'get', name: `square of ${i}` });
    sum += (await server.recv()).square;
  }
  server.close();
  return sum;
}

const listener = await Listener.listen<Request, unknown>({ path, authKey });
const accepting = (async () => {
  for await (const connection of listener) void serve(connection);
})();

const writer = new Process(write, [listener.address, authKey]);
writer.start();
await writer.join();
console.log('Entries in the store: %d', store.size);

const reader = new Process(read, [listener.address, authKey]);
reader.start();
console.log('The sum of the squares is %d.', await reader.join());

await connect({ path, authKey: 'a guess' }).catch((error: Error) => console.log('%s: %s', error.name, error.message));

await listener.close();
await accepting;
rmSync(folder, { recursive: true, force: true });

// Output:
// Entries in the store: 1000
// The sum of the squares is 333833500.
// AuthenticationError: The listener refused: its key is another one than ours.
