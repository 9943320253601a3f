/**
 * Bells: how a process tells the event loop of another that somebody waits no more.
 *
 * How it works  A thread that waits without blocking, in process scope, has a pipe; others open its writing end through
 *               `/proc` and write the number of the record that has changed. The loop sleeps in the kernel with everything
 *               else it waits for; nothing polls, and no thread of libuv's pool is taken. (In thread scope `Atomics.waitAsync`
 *               does the same on the record itself.)
 * Invariants    1. The socket is referenced exactly while somebody waits, so waiting keeps the program alive and an idle pipe
 *                  does not.
 *               2. A full pipe loses numbers, so whoever finds it full says so in the slot, and everything is looked at.
 * When it dies  A pipe without a reader refuses the write, which is ignored: nobody waits there any more.
 * Source        pipe(7); measured beside eventfd, sockets and helper threads: 8 microseconds there and back on one core.
 * @module
 */
import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import type * as Net from 'node:net';
import { linux } from '../memory/system/linux.ts';
import { exchange, load, store } from '../memory/words.ts';
import type { Lot } from './lot.ts';
import { BELL, BELL_OVERRAN, PID, slotOf } from './members.ts';

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
    const [read, write] = linux().pipe();
    this.#socket = openSocket(read);
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
    store(lot.region.words, slot + BELL, write + 1);
  }

  /** Says that one more, or (-1) one fewer, waits. */
  count(change: 1 | -1): void {
    this.#waiting += change;
    if (this.#waiting === 0) this.#socket.unref();
    else this.#socket.ref();
  }
}

/** The module is loaded by those who wait this way, and by nobody else. */
function openSocket(fd: number): Net.Socket {
  const net = createRequire(import.meta.url)('node:net') as typeof Net;
  return new net.Socket({ fd, readable: true, writable: false });
}

const MAX_OPEN = 64;
const open = new Map<string, number>();
const message = Buffer.alloc(4);

/** Rings another member's bell for a record. */
export function ringFor(lot: Lot, member: number, record: number): void {
  const { words } = lot.region;
  const slot = slotOf(lot, member);
  const bell = load(words, slot + BELL) - 1;
  if (bell < 0) return;
  const key = `${load(words, slot + PID)}:${bell}:${member}`;
  message.writeInt32LE(record);
  try {
    let fd = open.get(key);
    if (fd === undefined) {
      fd = openSync(`/proc/${load(words, slot + PID)}/fd/${bell}`, constants.O_WRONLY | constants.O_NONBLOCK);
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
