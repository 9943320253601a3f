/**
 * Bells: how a process tells the event loop of another that somebody waits no more.
 *
 * How it works  A thread that waits without blocking, in process scope, has a pipe; others open its writing end through
 *               `/proc` and write the number of the record that has changed. The loop sleeps in the kernel with everything
 *               else it waits for; nothing polls, and no thread of libuv's pool is taken. (In thread scope `Atomics.waitAsync`
 *               does the same on the record itself.)
 * Invariants    1. The socket is referenced exactly while somebody waits, so waiting keeps the program alive and an idle pipe
 *                  does not.
 *               2. A bell is rung only if what was opened is it: its number may be that of something else by now.
 *               3. A full pipe loses numbers, so whoever finds it full says so in the slot, and everything is looked at.
 * When it dies  A pipe without a reader refuses the write, which is ignored: nobody waits there any more.
 * Source        pipe(7); measured beside eventfd, sockets and helper threads: 8 microseconds there and back on one core.
 * @module
 */
import { closeSync, constants, fstatSync, openSync, writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import type * as Net from 'node:net';
import { linux } from '../memory/system/linux.ts';
import { exchange, load, store, type Words } from '../memory/words.ts';
import type { Lot } from './lot.ts';
import { BELL, BELL_INODE, BELL_OVERRAN, isDead, PID, PIPE_ENDS, slotOf, slotsOfEnded } from './members.ts';

/** A thread's own bell in one lot. */
export class Bell {
  readonly #socket: Net.Socket;
  #waiting = 0;

  /**
   * @param member this thread's id
   * @param onRing called with the record that has changed, or -1 when any may have
   */
  constructor(lot: Lot, member: number, onRing: (record: number) => void) {
    const slot = slotOf(lot, member);
    const { Socket } = loadNet();
    const { read, write } = makePipe(lot, slot);
    this.#socket = new Socket({ fd: read, readable: true, writable: false });
    let rest: Buffer = Buffer.alloc(0);
    this.#socket.on('data', (chunk: Buffer) => {
      const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      const whole = bytes.length & ~3;
      for (let at = 0; at < whole; at += 4) onRing(bytes.readInt32LE(at));
      rest = bytes.subarray(whole);
      if (exchange(lot.region.words, slot + BELL_OVERRAN, 0) !== 0) onRing(-1);
    });
    this.#socket.on('error', () => {});
    this.#socket.unref();
    // In this order: without a bell, word 9 is the end of a pipe (`closeHalfMade`). Nobody rings yet.
    store(lot.region.words, slot + BELL, write + 1);
    store(lot.region.words, slot + BELL_INODE, inodeOf(write));
  }

  /** Says that one more, or (-1) one fewer, waits. */
  count(change: 1 | -1): void {
    this.#waiting += change;
    if (this.#waiting === 0) this.#socket.unref();
    else this.#socket.ref();
  }
}

/**
 * A pipe that is closed when this thread ends: its reading end by the socket, which is made at once, its writing end by Node.
 *
 * Node closes what a thread has opened, and knows nothing of what a foreign call has: so the writing end is opened once more. Until that
 * is done the numbers of both stand in the slot, where the kernel has written them, so that they can be closed if this thread is
 * killed meanwhile (`closeHalfMade`). The reading end is not opened once more: Node would close it, and so would its socket.
 */
function makePipe(lot: Lot, slot: number): { readonly read: number; readonly write: number } {
  const { words, buffer } = lot.region;
  const ends = slot + PIPE_ENDS;
  linux().pipeInto(linux().addressOf(buffer) + ends * 4);
  const write = openSync(`/proc/self/fd/${load(words, ends + 1)}`, constants.O_WRONLY | constants.O_NONBLOCK);
  closeEnd(words, ends + 1);
  return { read: exchange(words, ends, 0), write };
}

/** Taken out of the slot first: a number that is closed may be somebody else's a moment later. */
function closeEnd(words: Words, at: number): void {
  const end = exchange(words, at, 0);
  if (end > 0) linux().close(end);
}

/** Tells one pipe from another, and from whatever else. */
const inodeOf = (fd: number): number => (fstatSync(fd).ino % 2 ** 32) | 0;

/** A thread of this process has ended: closes the pipe that it was making. */
export function closeHalfMade(lot: Lot, ended: number): void {
  const { words } = lot.region;
  for (const slot of slotsOfEnded(lot, ended)) {
    if (load(words, slot + BELL) !== 0) continue;
    closeEnd(words, slot + PIPE_ENDS);
    closeEnd(words, slot + PIPE_ENDS + 1);
  }
}

/** The module is loaded by those who wait this way, and by nobody else; before the pipe is made, as it takes a while. */
const loadNet = (): typeof Net => createRequire(import.meta.url)('node:net') as typeof Net;

const MAX_OPEN = 64;
const open = new Map<string, number>();
const message = Buffer.alloc(4);

/** Rings another member's bell for a record. */
export function ringFor(lot: Lot, member: number, record: number): void {
  const { words } = lot.region;
  const slot = slotOf(lot, member);
  const bell = load(words, slot + BELL) - 1;
  if (bell < 0 || isDead(lot, member)) return;
  const key = `${load(words, slot + PID)}:${bell}:${member}`;
  message.writeInt32LE(record);
  try {
    let fd = open.get(key);
    if (fd === undefined) {
      fd = openSync(`/proc/${load(words, slot + PID)}/fd/${bell}`, constants.O_WRONLY | constants.O_NONBLOCK);
      if (inodeOf(fd) !== load(words, slot + BELL_INODE)) {
        closeSync(fd); // its thread ended this very moment
        return;
      }
      if (open.size >= MAX_OPEN) forgetOldest();
      open.set(key, fd);
    }
    writeSync(fd, message);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return; // nobody reads there any more
    store(words, slot + BELL_OVERRAN, 1);
    retry(open.get(key));
  }
}

/** The reader may have emptied the pipe before it could see that something is missing. */
function retry(fd: number | undefined): void {
  try {
    if (fd !== undefined) writeSync(fd, message);
  } catch {
    // Still full: what it holds will be read, and the flag with it.
  }
}

function forgetOldest(): void {
  for (const [key, fd] of open) {
    open.delete(key);
    closeSync(fd);
    return;
  }
}
