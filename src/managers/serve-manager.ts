/**
 * What a manager's thread or process runs.
 * @module
 */
import { task } from '../closures/task.ts';
import { connectSocket } from '../connections/connect-socket.ts';
import type { Address } from '../connections/address.ts';
import { Factory, type Registered } from './factory.ts';
import { ManagerServer, type ServeOptions } from './server.ts';
import type { Target } from './target.ts';

/** What it is told. */
export interface ServeManagerOptions {
  readonly serve: Omit<ServeOptions, 'keepAlive'>;
  readonly register: Readonly<Record<string, Registered>>;
  /** What whoever shuts it down has to say. */
  readonly secret: string;
  /** Where it says that it is ready. */
  readonly tell: { readonly address: Address; readonly key: Uint8Array };
}

/** Serves until it is shut down. */
export const serveManager = task(`manyhands.serveManager ${import.meta.url}`, serveUntilStopped);

async function serveUntilStopped({ serve, register, secret, tell }: ServeManagerOptions): Promise<void> {
  const { promise: over, resolve: stop } = Promise.withResolvers<void>();
  const server = await ManagerServer.listen({ ...serve, keepAlive: true });
  server.root = server.table.add(new Factory(register, secret, stop, server.target.family));
  server.table.hold(server.root);
  const line = await connectSocket<never, Target>({ ...tell.address, authKey: tell.key });
  await line.send(server.target);
  line.close();
  await over;
  await server.close();
}
