/**
 * Doors: where a thread sleeps that waits for several objects at once.
 *
 * How it works  Such a thread stands in the line of each object by a record, as for one. It can sleep in one place only, so those records
 *               name a *door*, which is a record of the same lot: whoever wakes one of them rings there instead. Where all objects are in
 *               one lot, the thread sleeps on the door's word. Nothing sleeps on words of two lots, of which one may be V8's and the other
 *               the kernel's; then each door names a pipe of this thread, and whoever rings writes into it.
 * Layout        A door is a record without a key, so that nobody finds it: 0 rung · 1 member · 5 the pipe's writing end, and one ·
 *               6 its inode.
 * Invariants    1. The door is opened before any record names it, and closed after the last one is gone.
 *               2. Whoever rings late may hit a record that is somebody else's by now: it is told to look for itself, no more.
 * Ordering      Waker: changes the object, then rings. Sleeper: takes back what was rung (`listen`), looks at all objects, then sleeps on
 *               what it saw. So nothing is lost between the two.
 * When it dies  A record without a key belongs to whoever claims it next, once its member is dead. The pipe is closed with its thread.
 * @module
 */
import { readSync } from 'node:fs';
import { SLICE } from '../memory/slice.ts';
import { linux } from '../memory/system/linux.ts';
import { store } from '../memory/words.ts';
import { makePipe } from './bell.ts';
import type { Lot } from './lot.ts';
import { meIn, threadLot } from './lots.ts';
import { slotOf } from './members.ts';
import { inodeOf } from './others-pipes.ts';
import { claim, COUNT, FREE, GIVEN, giveBack } from './records.ts';

const NO_KEY = 0;

interface Pipe {
  readonly read: number;
  readonly write: number;
  readonly inode: number;
}

let pipe: Pipe | undefined;
const drained = Buffer.allocUnsafeSlow(4096);

/** This thread's pipe, which it keeps. */
function ownPipe(): Pipe {
  if (pipe === undefined) {
    const lot = threadLot();
    const ends = makePipe(lot, slotOf(lot, meIn(lot)), true);
    pipe = { ...ends, inode: inodeOf(ends.write) };
  }
  return pipe;
}

/** The doors of this thread for one wait: one in each lot that takes part. */
export class Doors {
  readonly #doors = new Map<Lot, number>();
  readonly #pipe: Pipe | undefined;

  /** @throws ManyhandsError `ERR_TOO_MANY_WAITERS` */
  constructor(lots: Iterable<Lot>) {
    const each = new Set(lots);
    this.#pipe = each.size > 1 ? ownPipe() : undefined;
    try {
      for (const lot of each) this.#doors.set(lot, this.#open(lot));
    } catch (error) {
      this.close();
      throw error;
    }
  }

  #open(lot: Lot): number {
    const { words } = lot.region;
    const door = claim(lot, NO_KEY, meIn(lot));
    store(words, door + GIVEN, this.#pipe?.inode ?? 0);
    store(words, door + COUNT, this.#pipe === undefined ? 0 : this.#pipe.write + 1);
    return door;
  }

  /** The door for objects of a lot that was named. */
  in(lot: Lot): number {
    return this.#doors.get(lot) as number;
  }

  /** From now on what is rung ends the next sleep. */
  listen(): void {
    for (const [lot, door] of this.#doors) store(lot.region.words, door, FREE);
    if (this.#pipe !== undefined) drain(this.#pipe.read);
  }

  /** Sleeps until somebody rings, or has since `listen`; for so long (and a slice) at most. May return early. */
  sleep(milliseconds: number): void {
    if (this.#pipe !== undefined) {
      linux().waitReadable(this.#pipe.read, Math.min(milliseconds, SLICE));
      return;
    }
    for (const [lot, door] of this.#doors) lot.region.park(door, FREE, milliseconds);
  }

  close(): void {
    for (const [lot, door] of this.#doors) giveBack(lot, door);
    this.#doors.clear();
  }
}

function drain(fd: number): void {
  try {
    while (readSync(fd, drained) === drained.length);
  } catch {
    // empty
  }
}
