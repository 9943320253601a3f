/**
 * The server of this thread's own objects, and the way to those of other programs.
 *
 * How it works  The first object of a thread starts a server, which stays until the thread ends. An object with an address has a server of its own,
 *               which ends when whoever managed it releases the proxy.
 * @module
 */
import { addressOf } from '../connections/address.ts';
import type { Allow } from '../connections/allow-list.ts';
import { checkOptions } from '../connections/connection-options.ts';
import { InvalidOptionError } from '../errors/executor-errors.ts';
import { ManagerError } from '../errors/manager-errors.ts';
import type { ConnectManagerOptions, ManageOptions } from './manage.ts';
import * as protocol from './protocol.ts';
import { clientFor, isProxy, type ManagedProxy, stateOf } from './proxy.ts';
import { ManagerServer } from './server.ts';

let own: Promise<ManagerServer> | undefined;

/** See `manage`. */
export async function manageObject(object: object, options: ManageOptions<object>): Promise<object> {
  if (typeof object !== 'object' || object === null || isProxy(object)) {
    const what = isProxy(object) ? 'a proxy already' : `of type ${object === null ? 'null' : typeof object}`;
    throw new InvalidOptionError(`manage() takes an object; this is ${what}.`);
  }
  const { address, authKey, allow, maxMessage, keepAlive, ...rules } = options;
  if (address === undefined) {
    const needless = { authKey, allow, maxMessage };
    for (const [name, value] of Object.entries(needless)) {
      if (value !== undefined) throw new InvalidOptionError(`${name} goes with an address.`);
    }
    own ??= ManagerServer.listen({ keepAlive: keepAlive ?? false });
    const server = await own;
    return server.proxyOf(server.table.add(object, hasRules(rules) ? rules : undefined));
  }
  const server = await ManagerServer.listen({ address, authKey, allow, maxMessage, keepAlive: keepAlive ?? true });
  try {
    server.root = server.table.add(object, rules);
  } catch (error) {
    await server.close();
    throw error;
  }
  server.table.hold(server.root);
  const proxy = server.proxyOf(server.root);
  stateOf(proxy).onRelease = () => server.close();
  return proxy;
}

const hasRules = (rules: object): boolean => Object.values(rules).some((each) => each !== undefined);

/** See `connectManager`. */
export async function connectToRoot(options: ConnectManagerOptions): Promise<ManagedProxy> {
  const { address } = options;
  if (typeof address !== 'object' || address === null) throw new InvalidOptionError('address is missing.');
  const allow = readAllow(options.allow);
  const { key, maxMessage } = checkOptions({ ...options, allow });
  const target = { address: addressOf(address), id: '', key, family: false, maxMessage };
  const site = {};
  Error.captureStackTrace(site, connectToRoot);
  const root = async (): Promise<ManagedProxy> => {
    const client = clientFor(target, allow);
    await client.open();
    return (await client.ask({ kind: protocol.ROOT, object: '', site, of: 'the root' })) as ManagedProxy;
  };
  try {
    return await root();
  } catch (error) {
    // a connection from before, whose server has ended and may be there again
    if (error instanceof ManagerError && error.code === 'ERR_MANAGER_GONE') return root();
    throw error;
  }
}

/** What was allowed, read once: it is asked for again, and what gives the names may give them once only. */
function readAllow({ tasks = [], modules = [] }: Allow = {}): Allow {
  // a text in place of a list is for the list to refuse
  if (typeof tasks === 'string' || typeof modules === 'string') return { tasks, modules };
  return { tasks: [...tasks], modules: [...modules] };
}
