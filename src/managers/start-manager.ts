/**
 * Starts a manager's thread or process.
 *
 * How it works  It says where it can be reached over a connection to this thread, so nobody has to ask again and again.
 * @module
 */
import { randomUUID } from 'node:crypto';
import { SocketListener } from '../connections/socket-listener.ts';
import { WorkerStartError } from '../errors/executor-errors.ts';
import { Process } from '../processes/process.ts';
import { Thread } from '../threads/thread.ts';
import type { Registered } from './factory.ts';
import * as protocol from './protocol.ts';
import { clientFor } from './proxy.ts';
import { serveManager, type ServeManagerOptions } from './serve-manager.ts';
import type { ServeOptions } from './server.ts';
import { privateAddress, privateKey, type Target } from './target.ts';

/** A manager that runs. */
export interface Running {
  readonly target: Target;
  /** The proxy of its `Factory`. */
  readonly root: object;
  readonly worker: Thread<void> | Process<void>;
  readonly secret: string;
}

/** Starts one; rejects when it could not. */
export async function startManager(
  kind: 'process' | 'thread',
  name: string | undefined,
  serve: Omit<ServeOptions, 'keepAlive'>,
  register: Readonly<Record<string, Registered>>,
): Promise<Running> {
  const secret = randomUUID();
  const key = privateKey();
  const hall = await SocketListener.listen<Target>({ ...privateAddress(), authKey: key });
  const args: [ServeManagerOptions] = [{ serve, register, secret, tell: { address: hall.address, key } }];
  const options = { daemon: true, ...(name === undefined ? {} : { name }) };
  const worker = kind === 'thread' ? new Thread(serveManager, args, options) : new Process(serveManager, args, options);
  const ready = new AbortController();
  try {
    worker.start();
    const ended = worker.join({ signal: ready.signal }).then(() => {
      throw new WorkerStartError('The manager has ended before it began to serve.');
    });
    ended.catch(() => {}); // when it is not raced any more
    const line = await Promise.race([hall.accept(), ended]);
    const target = await Promise.race([line.recv(), ended]);
    line.close();
    return { target, root: await rootOf(target), worker, secret };
  } catch (error) {
    await worker.kill();
    throw error;
  } finally {
    ready.abort(); // a daemon keeps the program alive for as long as somebody joins it
    await hall.close();
  }
}

async function rootOf(target: Target): Promise<object> {
  const client = clientFor(target);
  await client.open();
  return (await client.ask({ kind: protocol.ROOT, object: '', site: {}, of: 'manager' })) as object;
}
