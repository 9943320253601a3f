/**
 * The file of a listener's socket, and how its server is closed without removing another one.
 *
 * Why           As a server closes, the system's library removes whatever has the name that it was bound to: the file of another listener, when
 *               ours was removed meanwhile, or a file somewhere else, when the name was relative and the process has changed its folder.
 * How it works  A file is known by its device and inode, which nobody else gets while the socket is open. What is at the name and is not ours is
 *               renamed for the moment in which the server closes; what is ours is removed wherever it was made. The files of listeners that
 *               nobody has closed are removed as the program, or the thread, ends.
 * When it dies  Who is killed leaves the file behind; the next one who listens there replaces it (`bind.ts`).
 * @module
 */
import { type BigIntStats, linkSync, lstatSync, renameSync, unlinkSync } from 'node:fs';
import type { Server } from 'node:net';
import { isAbsolute } from 'node:path';
import { onExit } from '../memory/exit-parts.ts';
import { type Address, fitsPath } from './address.ts';

/** Whether an address is the path of a socket file. */
export const isFilePath = (path: string | undefined): path is string =>
  path !== undefined && !path.startsWith('\0') && process.platform !== 'win32';

/** What is at a path; undefined when there is nothing. */
export const lookAt = (path: string): BigIntStats | undefined =>
  lstatSync(path, { throwIfNoEntry: false, bigint: true });

/** A name beside a path that nobody else has. */
export const nameBeside = (path: string): string => `${path}.${process.pid}.${Math.random().toString(36).slice(2)}`;

/** Gives what was renamed its name back, unless that is taken by now. */
export function putBack(aside: string, path: string): void {
  try {
    linkSync(aside, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

/** The address that stays the same wherever the process goes, when the system takes a path so long. */
export function lastingAddress(address: Address): Address {
  if (!isFilePath(address.path)) return address;
  const path = absolute(address.path);
  return fitsPath(path) ? { path } : address;
}

/** Not normalised: with links, `..` leads elsewhere than it seems. */
const absolute = (path: string): string =>
  isAbsolute(path) ? path : `${process.cwd()}/${path.replace(/^(?:\.\/+)+/, '')}`;

/** As `lookAt`; nothing where one may not look. */
function find(path: string): BigIntStats | undefined {
  try {
    return lookAt(path);
  } catch {
    return undefined;
  }
}

/** The files of this thread's servers that listen. */
const open = new Set<SocketFile>();

function removeAll(): void {
  for (const file of open) {
    try {
      file.remove();
    } catch {
      // where it may not be removed any more it stays
    }
  }
}

/** The file of a server that listens. */
export class SocketFile {
  /** The name that the server was bound to. */
  readonly #bound: string;
  readonly #path: string;
  readonly #made: BigIntStats | undefined;

  /** @param bound the path that the server has just been bound to */
  constructor(bound: string) {
    this.#bound = bound;
    this.#path = absolute(bound);
    this.#made = find(bound);
    open.add(this);
    onExit(removeAll);
  }

  /** Closes the server; its file is removed, and no other. */
  close(server: Server): void {
    open.delete(this);
    const aside = this.#setAside();
    server.close(); // removes what has the name at once
    if (aside !== undefined) {
      putBack(aside, this.#bound);
      unlinkSync(aside);
    }
    if (this.#path !== this.#bound) this.remove();
  }

  /** Removes the file, if it is still ours and where it was made. */
  remove(): void {
    if (this.#isOurs(this.#path)) unlinkSync(this.#path);
  }

  #isOurs(path: string): boolean {
    const found = find(path);
    return found !== undefined && found.ino === this.#made?.ino && found.dev === this.#made.dev;
  }

  #setAside(): string | undefined {
    const found = find(this.#bound);
    if (found === undefined || found.isDirectory() || this.#isOurs(this.#bound)) return undefined;
    const aside = nameBeside(this.#bound);
    try {
      renameSync(this.#bound, aside);
      return aside;
    } catch {
      return undefined; // where nothing may be renamed, nothing will be removed either
    }
  }
}
