/**
 * Starts a server on an address; a socket file that a dead process left behind is taken away first.
 *
 * How it works  A path that is in use is asked: who connects and is refused, twice, has found a socket that nobody listens on. It is
 *               renamed, and removed if it still is the file that was asked, so that of several who do this at once none removes
 *               what another has just made. Anything but a socket is left alone.
 * @module
 */
import { renameSync, unlinkSync } from 'node:fs';
import { connect, type ListenOptions, type Server } from 'node:net';
import { AddressError } from '../errors/connection-errors.ts';
import { sleep } from '../memory/sleep.ts';
import { type Address, addressText } from './address.ts';
import { isFilePath, lookAt, nameBeside, putBack } from './socket-file.ts';

/** Milliseconds; a listener that is being made has a file that refuses for a few microseconds. */
const BETWEEN_BIND_AND_LISTEN = 20;

/** Listens; a rejection is an AddressError `ERR_ADDRESS_IN_USE` or `ERR_LISTEN`. */
export async function bind(server: Server, address: Address, backlog: number): Promise<void> {
  try {
    await listen(server, address, backlog);
  } catch (error) {
    if (!hasCode(error, 'EADDRINUSE')) throw cannotListen(address, error);
    if (address.path === undefined || !(await removeStale(address.path))) throw inUse(address, error);
    await listen(server, address, backlog).catch((again: unknown) => {
      throw hasCode(again, 'EADDRINUSE') ? inUse(address, again) : cannotListen(address, again);
    });
  }
}

async function listen(server: Server, address: Address, backlog: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen({ ...(address as ListenOptions), backlog }, resolve);
  try {
    await promise;
  } finally {
    server.off('error', reject).off('listening', resolve);
  }
}

/** Removes a socket file that nobody listens on; false when there is something else. */
async function removeStale(path: string): Promise<boolean> {
  if (!isFilePath(path)) return false;
  const found = lookAt(path);
  if (found === undefined) return true;
  if (!found.isSocket() || !(await refuses(path))) return false;
  await sleep(BETWEEN_BIND_AND_LISTEN);
  if (!(await refuses(path))) return false;
  const aside = nameBeside(path);
  try {
    renameSync(path, aside);
  } catch (error) {
    return hasCode(error, 'ENOENT'); // somebody else was quicker
  }
  const moved = lookAt(aside);
  const isIt = moved !== undefined && moved.ino === found.ino && moved.mtimeNs === found.mtimeNs;
  if (!isIt) putBack(aside, path); // a listener that has just come gets its file back
  unlinkSync(aside);
  return isIt;
}

function isSocket(path: string): boolean {
  return lookAt(path)?.isSocket() === true;
}

const isGone = (path: string): boolean => lookAt(path) === undefined;

/** Whether a socket file is one that nobody listens on. */
async function refuses(path: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect(path);
  socket.on('connect', () => resolve(false)).on('error', (error) => resolve(hasCode(error, 'ECONNREFUSED')));
  try {
    return await promise;
  } finally {
    socket.destroy();
  }
}

/** Whether a system error has that code. */
export const hasCode = (error: unknown, ...codes: readonly string[]): boolean =>
  error instanceof Error && codes.includes((error as NodeJS.ErrnoException).code ?? '');

function inUse(address: Address, cause: unknown): AddressError {
  const what = address.path !== undefined && isFile(address.path) ? 'a file that is no socket' : 'another listener';
  return new AddressError(`${addressText(address)} cannot be listened on: ${what} is there.`, {
    code: 'ERR_ADDRESS_IN_USE',
    cause,
  });
}

function isFile(path: string): boolean {
  return isFilePath(path) && !isGone(path) && !isSocket(path);
}

const cannotListen = (address: Address, cause: unknown): AddressError =>
  new AddressError(`${addressText(address)} cannot be listened on: ${(cause as Error).message}.`, {
    code: 'ERR_LISTEN',
    cause,
  });
