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
 * Source        pipe(7); measured beside eventfd, sockets and helper threads: 8 microseconds there and back on one core.
 * @module
 */
import { constants, openSync } from 'node:fs';
import { createRequire } from 'node:module';
import type * as Net from 'node:net';
import { linux } from '../memory/system/linux.ts';
import { exchange, load, store } from '../memory/words.ts';
import type { Lot } from './lot.ts';
import { BELL, BELL_INODE, BELL_OVERRAN, isDead, PID, PIPE_ENDS, slotOf, slotsOfEnded } from './members.ts';
import { inodeOf, writeTo } from './others-pipes.ts';

/** Numbers that are read at once. */
const MOST_AT_ONCE = 256;

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
    const { read, write, madeUse } = makePipe(lot, slot, false);
    // Numbers are written whole (pipe(7)), and read whole where there is room for whole ones only. A room of its own, used again: streams
    // that emit what they read take a third more of a round trip.
    const rung = new Int32Array(MOST_AT_ONCE);
    const callback = (length: number): boolean => {
      for (let i = 0; i < length >> 2; i++) onRing(rung[i] as number);
      if (exchange(lot.region.words, slot + BELL_OVERRAN, 0) !== 0) onRing(-1);
      return true;
    };
    const onread = { buffer: new Uint8Array(rung.buffer), callback };
    this.#socket = new Socket({ fd: read, readable: true, writable: false, onread });
    madeUse();
    this.#socket.resume();
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
 * Node closes what a thread has opened, and knows nothing of what a foreign call has: so the writing end is opened once more, and closed
 * as the foreign call gave it. A reading end that is to have a socket is not opened once more: Node would close it, and so would its socket.
 * Until all that is done the numbers of both ends stand in the slot, where the kernel has written them, so that they can be closed if
 * this thread is killed meanwhile, at whatever place (`closeHalfMade`). `BELL` says which pipe they are of, lest what has the number of
 * an end that is closed already be closed instead.
 *
 * @param reopens whether the reading end is left to Node as well
 */
export function makePipe(lot: Lot, slot: number, reopens: boolean): PipeEnds {
  const { words, buffer } = lot.region;
  const ends = slot + PIPE_ENDS;
  linux().pipeInto(linux().addressOf(buffer) + ends * 4);
  store(words, slot + BELL, markOf(load(words, ends)));
  const write = openAgain(load(words, ends + 1), constants.O_WRONLY);
  const read = reopens ? openAgain(load(words, ends), constants.O_RDONLY) : load(words, ends);
  const madeUse = (): void => {
    store(words, ends, 0);
    store(words, ends + 1, 0);
    store(words, slot + BELL, 0);
  };
  if (reopens) madeUse();
  return { read, write, madeUse };
}

/** What `BELL` says of a pipe that is being made; negative, as there is no bell yet. */
const markOf = (fd: number): number => -1 - (inodeOf(fd) & 0x3fff_ffff);

interface PipeEnds {
  readonly read: number;
  readonly write: number;
  /** The reading end has a socket, which closes it. */
  madeUse(): void;
}

function openAgain(end: number, flags: number): number {
  const fd = openSync(`/proc/self/fd/${end}`, flags | constants.O_NONBLOCK);
  linux().close(end);
  return fd;
}

/** Threads of this process have ended: closes the pipes that they were making. */
export function closeHalfMade(lot: Lot): void {
  const { words } = lot.region;
  for (const slot of slotsOfEnded(lot)) {
    const mark = load(words, slot + BELL);
    if (mark > 0) continue; // then these words are the bell's
    for (const at of [slot + PIPE_ENDS, slot + PIPE_ENDS + 1]) {
      const end = exchange(words, at, 0);
      if (end > 0 && (mark === 0 || isMarked(end, mark))) linux().close(end);
    }
  }
}

function isMarked(fd: number, mark: number): boolean {
  try {
    return markOf(fd) === mark;
  } catch {
    return false; // it was closed
  }
}

/** The module is loaded by those who wait this way, and by nobody else; before the pipe is made, as it takes a while. */
const loadNet = (): typeof Net => createRequire(import.meta.url)('node:net') as typeof Net;

/** Rings another member's bell for a record. */
export function ringFor(lot: Lot, member: number, record: number): void {
  const { words } = lot.region;
  const slot = slotOf(lot, member);
  const bell = load(words, slot + BELL) - 1;
  if (bell < 0 || isDead(lot, member)) return;
  const pipe = { pid: load(words, slot + PID), fd: bell, inode: load(words, slot + BELL_INODE) };
  if (writeTo(pipe, record)) return;
  store(words, slot + BELL_OVERRAN, 1);
  // The reader may have emptied the pipe before it could see that something is missing. Still full: what it holds will be read, and the
  // flag with it.
  writeTo(pipe, record);
}
