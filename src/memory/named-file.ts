/**
 * Names for shared memory: files in the system's memory file system that go when nobody uses them any more.
 *
 * How it works  Whoever has such a file open holds a shared `flock` on it. So a file whose exclusive lock can be had is a
 *               leftover of processes that are gone, however they ended, and anybody may remove it. No daemon watches, and no
 *               number of a process has to be believed.
 *               A file is made under a passing name, filled, and then linked to its own: nobody ever sees half of one, and of
 *               two who make the same name one is told.
 * Layout        `/dev/shm/manyhands-UID-NAME`; a name is any text, written as in a URL. `…~N` while it is being made.
 * Invariants    1. An open file is locked before its name can be relied on, and looked at again afterwards: it may have been
 *                  removed between the two.
 *               2. The lock is the open file's own and goes with its last descriptor.
 *               3. A name is removed only while it is still that of the file that was looked at: another process may have
 *                  removed it meanwhile, and a third one made it anew.
 * Source        flock(2), shm_overview(7). CPython has a process that watches (`resource_tracker`), and its races.
 * @module
 */
import {
  closeSync,
  constants,
  fstatSync,
  linkSync,
  lstatSync,
  openSync,
  readdirSync,
  statSync,
  unlinkSync,
} from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { InvalidOptionError } from '../errors/executor-errors.ts';
import { SharedMemoryError } from '../errors/sync-errors.ts';
import { sleepSync } from './sleep.ts';
import { linux } from './system/linux.ts';

const FOLDER = '/dev/shm';
/** Longest file name in the system, bytes. */
const LONGEST = 255;
const MAKING = '~';
/** Never follows a link, and never waits for the other end of a pipe: anybody may make files in that folder. */
const READ_WRITE = constants.O_RDWR | constants.O_NOFOLLOW | constants.O_NONBLOCK;
/** Looks, a millisecond apart, at a file that somebody has locked to see whether it is a leftover. */
const LOOKS = 10_000;

/** A file that is being made. */
export interface FileInTheMaking {
  readonly fd: number;
  /** Gives it its name. False when there is one of that name already. */
  publish(): boolean;
  /** Gives its passing name up; the file goes when it is closed. */
  discard(): void;
}

const prefix = (): string => `manyhands-${process.getuid?.() ?? 0}-`;

/** Where the file of a name is. @throws InvalidOptionError when it cannot be a name */
function pathOf(name: string): string {
  if (typeof name !== 'string' || name === '' || name.includes('\0')) {
    throw new InvalidOptionError(
      `name must be a text, not empty and without NUL; it is ${inspect(name, { depth: 0 })}.`,
    );
  }
  // encodeURIComponent leaves the mark of files in the making as it is, and refuses half a surrogate pair
  const file = prefix() + encodeURIComponent(name.toWellFormed()).replaceAll(MAKING, '%7E');
  if (file.length > LONGEST - 24)
    throw new InvalidOptionError(`The name ${JSON.stringify(name)} is too long for a file.`);
  return join(FOLDER, file);
}

/** Whether there is anything of that name. Another process may make or remove it at any time: `publish` decides. */
export const isTaken = (name: string): boolean => lstatSync(pathOf(name), { throwIfNoEntry: false }) !== undefined;

/** A new file, without its name as yet. */
export function makeFile(name: string): FileInTheMaking {
  const path = pathOf(name);
  for (;;) {
    const passing = `${path}${MAKING}${crypto.getRandomValues(new Uint32Array(1))[0]}`;
    const fd = openSync(passing, 'wx+', 0o600);
    // Else somebody takes it for a leftover just now, and removes it, or has done so before it was locked.
    if (!linux().lockFile(fd, 'shared') || fstatSync(fd).nlink === 0) {
      closeSync(fd);
      continue;
    }
    return {
      fd,
      publish() {
        try {
          linkSync(passing, path);
        } catch (error) {
          if (codeOf(error) === 'EEXIST') return false;
          throw error;
        }
        remove(passing);
        return true;
      },
      discard: () => void remove(passing),
    };
  }
}

/**
 * Opens the file of a name, and keeps it from being removed. Undefined when there is none, or only a leftover.
 *
 * @throws SharedMemoryError `ERR_SEGMENT_KIND` when something is there that is no file of this user's
 */
export function openFile(name: string): number | undefined {
  const path = pathOf(name);
  for (let look = 1; ; look++) {
    const fd = openOurs(name, path);
    if (fd === undefined) return undefined;
    const locked = linux().lockFile(fd, 'shared');
    if (locked && fstatSync(fd).nlink > 0) return fd;
    closeSync(fd);
    if (look === LOOKS) return undefined;
    // Somebody looks whether it is a leftover; if it is to stay, it can be had in a moment.
    if (!locked) sleepSync(1);
  }
}

function openOurs(name: string, path: string): number | undefined {
  let fd: number | undefined;
  let cause: unknown;
  try {
    fd = openSync(path, READ_WRITE);
    if (isOurs(fd)) return fd;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    if (!['EACCES', 'EISDIR', 'ELOOP', 'ENXIO'].includes(codeOf(error) as string)) throw error;
    cause = error;
  }
  if (fd !== undefined) closeSync(fd);
  throw new SharedMemoryError(
    `What is at ${path} was not made by manyhands for this user: ${JSON.stringify(name)} cannot be opened.`,
    {
      code: 'ERR_SEGMENT_KIND',
      ...(cause === undefined ? {} : { cause }),
    },
  );
}

/** Anybody may make something in that folder. */
function isOurs(fd: number): boolean {
  const file = fstatSync(fd);
  return file.isFile() && file.uid === process.getuid?.();
}

/**
 * Takes a name away; whoever has the file open keeps it. False when there is no such name.
 *
 * @param fd the file that has to be under that name still; any when it is left out
 */
export function removeName(name: string, fd?: number): boolean {
  const path = pathOf(name);
  return (fd === undefined || isAt(path, fd)) && remove(path);
}

/**
 * Removes the files that nobody has open.
 *
 * @param keep says of an open file whether it is to stay although nobody has it open; one that was never finished is not
 * @returns names that were removed
 */
export function sweepFiles(keep: (fd: number) => boolean): string[] {
  const removed: string[] = [];
  for (const file of readdirSync(FOLDER)) {
    if (!file.startsWith(prefix())) continue;
    const name = file.slice(prefix().length);
    const made = !name.includes(MAKING);
    if (removeLeftover(join(FOLDER, file), (fd) => made && keep(fd)) && made) removed.push(decoded(name));
  }
  return removed;
}

/** As `sweepFiles`, for one name. */
export const sweepName = (name: string, keep: (fd: number) => boolean): boolean => removeLeftover(pathOf(name), keep);

function removeLeftover(path: string, keep: (fd: number) => boolean): boolean {
  for (let look = 1; ; look++) {
    let fd: number;
    try {
      fd = openSync(path, READ_WRITE);
    } catch {
      return false; // gone meanwhile, or not ours to open
    }
    try {
      if (!isOurs(fd)) return false;
      if (linux().lockFile(fd, 'exclusive')) return !keep(fd) && isAt(path, fd) && remove(path);
      // In use; or somebody else looks just now whether it is a leftover, and then it cannot be shared either.
      if (look === LOOKS || linux().lockFile(fd, 'shared')) return false;
    } finally {
      closeSync(fd);
    }
    sleepSync(1);
  }
}

/** Whether a path is that of an open file. */
function isAt(path: string, fd: number): boolean {
  const there = statSync(path, { throwIfNoEntry: false });
  return there !== undefined && there.ino === fstatSync(fd).ino;
}

/** A name as it was given; as it stands when this library has not made it. */
function decoded(file: string): string {
  try {
    return decodeURIComponent(file);
  } catch {
    return file;
  }
}

function remove(path: string): boolean {
  try {
    unlinkSync(path);
    return true;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw error;
  }
}

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;
