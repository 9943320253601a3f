/**
 * Pipes, sockets and children for tests of handles.
 * @module
 */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { connect, type Server, type Socket, createServer } from 'node:net';
import { type Handle, Pipe, type PipeConnection, Process } from '../../src/index.ts';

export type End = PipeConnection<unknown, unknown>;

export const pair = (): [End, End] => {
  const { left, right } = new Pipe({ scope: 'process' });
  return [left, right];
};

/** Descriptors of this process, without those of shared memory, which come and go with the garbage. */
export const descriptorsOpen = (): number => readdirSync('/proc/self/fd').length;

/** Resolves once the event loop has closed what it was going to. */
export async function untilOpen(most: number): Promise<void> {
  const end = performance.now() + 60_000;
  while (descriptorsOpen() > most) {
    assert.ok(performance.now() < end, `${descriptorsOpen()} descriptors are open, ${most} were`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

export const listening = (server: Server, where: object = { port: 0, host: '127.0.0.1' }): Promise<Server> =>
  new Promise((resolve) => server.listen(where, () => resolve(server)));

export const portOf = (server: Server): number => (server.address() as { port: number }).port;

export async function textOf(socket: Socket): Promise<string> {
  let text = '';
  for await (const chunk of socket) text += String(chunk);
  return text;
}

/** A client and the socket of its server. */
export async function connected(
  server: Server,
  where: object = { port: portOf(server), host: '127.0.0.1' },
): Promise<[Socket, Socket]> {
  const accepted = new Promise<Socket>((resolve) => server.once('connection', resolve));
  const client = connect(where as never);
  return [client, await accepted];
}

export async function withServer(body: (server: Server) => Promise<void>, options = {}): Promise<void> {
  const server = await listening(createServer(options));
  try {
    await body(server);
  } finally {
    server.close();
  }
}

/** A child that does with each handle what the message before it says. */
export async function serve(end: End): Promise<void> {
  const { once } = await import('node:events');
  const { closeSync, writeSync } = await import('node:fs');
  for await (const task of end) {
    const handle = (await end.recvHandle()) as never;
    if (task === 'end it') (handle as Socket).end(`from ${process.pid}`);
    else if (task === 'echo') (handle as Socket).pipe(handle);
    else if (task === 'listen') {
      const server = handle as Server;
      server.on('connection', (socket: Socket) => void socket.end(`served by ${process.pid}`, () => server.close()));
      await end.send('listens');
      await once(server, 'close');
    } else if (task === 'append') {
      const file = handle as import('node:fs/promises').FileHandle;
      await file.write('child\n');
      await file.close();
      await end.send('written');
    } else if (task === 'write') {
      writeSync(handle, 'child\n');
      closeSync(handle);
      await end.send(typeof handle);
    } else await end.sendHandle(handle as Handle, { keepOpen: false });
  }
}

export async function withChild(body: (end: End, child: Process) => Promise<void>, run = serve): Promise<void> {
  const [mine, theirs] = pair();
  const child = new Process(run, [theirs]);
  child.start();
  theirs.close();
  try {
    await body(mine, child);
  } finally {
    mine.close();
    await child.join();
  }
}
