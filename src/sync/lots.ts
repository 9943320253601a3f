/**
 * Which lot is whose: one for the threads of this process, and those that it shares with other processes; and the news of
 * deaths.
 *
 * How it works  The threads' lot is made by the first thread that needs one and handed to every thread at its start. A lot
 *               among processes is made by the first thread that makes a process-scope object, travels with each object, and
 *               is kept for good: the kernel reads it when this thread ends. So is the lot of each object with a name, which lies
 *               beside it: whoever makes and drops many of those keeps them all.
 * When it dies  Whoever hears of the end of a thread or process that it started says so here. All sleepers of the lots
 *               concerned are woken and look for themselves; deaths are rare.
 * @module
 */
import { isMainThread, threadId } from 'node:worker_threads';
import { exitsLast, onExit } from '../memory/exit-parts.ts';
import type { HeapBell } from '../memory/heap-region.ts';
import { Segment } from '../memory/segment.ts';
import { closeHalfMade } from './bell.ts';
import { noteMember, tellOfDeath, tellOfDeaths } from './deaths.ts';
import { givenThreadLot } from './given-lot.ts';
import { Lot, type LotRef } from './lot.ts';
import { join, noteThreadEnd } from './members.ts';

let threads: Lot | undefined;
let processes: Lot | undefined;
const attached = new Map<string, Lot>();
const ids = new WeakMap<Lot, number>();

/** The lot of this process's threads. */
export function threadLot(): Lot {
  threads ??= Lot.forThreads(givenThreadLot());
  return threads;
}

/** Where those sleep who wait in the shared heap. */
export function heapBell(): HeapBell {
  const { region, heapBell: word } = threadLot();
  return { region, word };
}

/** Its memory, for a thread that is being started. */
export const threadLotMemory = (): SharedArrayBuffer => threadLot().region.buffer;

/** The lot for process-scope objects that this thread makes. */
export function processLot(): Lot {
  if (processes === undefined) {
    processes = Lot.forProcesses();
    attached.set(processes.name, processes);
  }
  return processes;
}

/** The lot of an object that came from elsewhere. */
export function attachLot(ref: LotRef): Lot {
  const lot = attached.get(Lot.nameOf(ref.segment.id, ref.at));
  if (lot !== undefined) return lot;
  const made = lotIn(Segment.attach(ref.segment), ref.at);
  processes ??= made; // what this process makes goes to the same family
  return made;
}

/** The lot at a byte of a segment: that of named memory lies beside what it is for, since it outlives whoever made it. */
export function lotIn(segment: Segment, at: number): Lot {
  const made = Lot.at(segment, at);
  const lot = attached.get(made.name) ?? made;
  attached.set(lot.name, lot);
  return lot;
}

/** This thread's id in a lot. */
export function meIn(lot: Lot): number {
  let id = ids.get(lot);
  if (id === undefined) {
    if (lot.region.scope === 'process') tellOfDeaths(lot); // it may get the place of somebody who died
    id = join(lot);
    ids.set(lot, id);
    noteMember(lot);
    if (lot.region.scope === 'thread' && !isMainThread) onExit(endsHere, true);
  }
  return id;
}

/**
 * This thread ends in good order, and says so itself: whoever started it may be blocked. Only as the last thing that it does: where others
 * are still to be called, they may use what is shared, and whoever started it hears of the end, or those who wait look for it.
 */
function endsHere(): void {
  if (exitsLast()) threadEnded(threadId);
}

/** A thread of this process has ended. */
export function threadEnded(ended: number): void {
  if (threads !== undefined && noteThreadEnd(threads, ended)) {
    closeHalfMade(threads);
    tellOfDeath(threads);
  }
  for (const lot of attached.values()) {
    closeHalfMade(lot);
    tellOfDeath(lot);
  }
}

/** A process that this one started has ended. */
export function processEnded(): void {
  for (const lot of attached.values()) tellOfDeath(lot);
}
