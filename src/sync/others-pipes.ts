/**
 * Pipes of other threads and processes: writing a number into one, by which its reader is woken.
 *
 * How it works  The writing end is opened through `/proc`, and kept open for the next time, as far as there are not too many. A process
 *               that has no descriptor free for it gives up one that is kept; one that keeps none writes later: a timer tries again, and
 *               so does a thread that is blocked whenever it looks around (`deaths.ts`).
 * Invariants    1. A pipe is written to only if what was opened is it: its number may be that of something else by now.
 *               2. A number is dropped only where nobody can be waiting for it any more: its reader is gone.
 * When it dies  A pipe without a reader refuses the write, which is ignored. What was still to be written by a thread that ends is looked
 *               for by those who wait when they hear of that end.
 * @module
 */
import { closeSync, constants, fstatSync, openSync, writeSync } from 'node:fs';

/** A pipe of another thread. */
interface OthersPipe {
  readonly pid: number;
  /** The writing end there. */
  readonly fd: number;
  readonly inode: number;
}

const MAX_OPEN = 64;
/** Milliseconds until what could not be written is tried again. */
const TRY_AGAIN = 20;
/** There is no descriptor, or no memory for one: in this process, or in the system. */
const SHORTAGE: ReadonlySet<unknown> = new Set(['EMFILE', 'ENFILE', 'ENOMEM']);

const open = new Map<string, number>();
const late = new Map<string, { readonly pipe: OthersPipe; readonly value: number }>();
let timer: NodeJS.Timeout | undefined;
const message = Buffer.alloc(4);

/** Tells one pipe from another, and from whatever else. */
export const inodeOf = (fd: number): number => (fstatSync(fd).ino % 2 ** 32) | 0;

const keyOf = ({ pid, fd, inode }: OthersPipe): string => `${pid}:${fd}:${inode}`;

/** Writes a number into another thread's pipe, if it is there; later, if no descriptor is free. False when it is full. */
export function writeTo(pipe: OthersPipe, value: number): boolean {
  const key = keyOf(pipe);
  message.writeInt32LE(value);
  for (;;) {
    try {
      const fd = open.get(key) ?? opened(pipe, key);
      if (fd !== undefined) writeSync(fd, message);
      return true;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EAGAIN') return false;
      if (!SHORTAGE.has(code)) {
        forget(key); // nobody reads there any more
        return true;
      }
      const [oldest] = open.keys();
      if (oldest === undefined) {
        writeLater(pipe, value);
        return true;
      }
      forget(oldest);
    }
  }
}

/** Tries to write what could not be written. */
export function writeLate(): void {
  const waiting = [...late.values()];
  late.clear();
  for (const { pipe, value } of waiting) if (!writeTo(pipe, value)) writeLater(pipe, value); // it is full: once its reader has read
}

function opened({ pid, fd: theirs, inode }: OthersPipe, key: string): number | undefined {
  const fd = openSync(`/proc/${pid}/fd/${theirs}`, constants.O_WRONLY | constants.O_NONBLOCK);
  if (inodeOf(fd) !== inode) {
    closeSync(fd); // its thread ended this very moment
    return undefined;
  }
  const [oldest] = open.keys();
  if (oldest !== undefined && open.size >= MAX_OPEN) forget(oldest);
  open.set(key, fd);
  return fd;
}

function forget(key: string): void {
  const fd = open.get(key);
  if (fd === undefined) return;
  open.delete(key);
  closeSync(fd);
}

function writeLater(pipe: OthersPipe, value: number): void {
  late.set(`${keyOf(pipe)}:${value}`, { pipe, value });
  const again = (): void => {
    timer = undefined;
    writeLate();
  };
  timer ??= setTimeout(again, TRY_AGAIN).unref();
}
