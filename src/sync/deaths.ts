/**
 * Telling those who wait in a lot that somebody has died.
 *
 * How it works  Whoever started a process hears of its end and tells all. Where it cannot, others do. A thread that is blocked looks at the
 *               life words now and then, and tells of a death that the kernel has marked and nobody has told of (among threads: it asks
 *               the system who is there): whoever started the dead may be that very thread. And where a process takes part whose starter may be no more when it dies (only the children of the
 *               lot's maker are sure to have one), or that nobody knows, this stands in the lot, and promises look for themselves
 *               while they wait (`async-line.ts`).
 * Ordering      Deaths are counted first: who lies down just now sees that it has to look once more.
 * When it dies  A death that was marked as told, by somebody who then died, is found by those who look for themselves: blocked threads within
 *               a second, promises at the next death.
 * @module
 */
import { claimDeath } from '../memory/robust-list.ts';
import { add, exchange, load } from '../memory/words.ts';
import type { Lot } from './lot.ts';
import { eachSlot, noteThreadEnd } from './members.ts';
import { writeLate } from './others-pipes.ts';
import { eachSleeper, freeForgotten } from './records.ts';
import { wakeRecord } from './wake.ts';

/** Milliseconds between two looks of a thread that is blocked, at least. */
const LOOK_EVERY = 250;

/** Somebody has died: all who sleep look for themselves. */
export function tellOfDeath(lot: Lot): void {
  add(lot.region.words, lot.deaths, 1);
  freeForgotten(lot);
  eachSleeper(lot, (record) => wakeRecord(lot, record));
}

/** Tells of deaths of which nobody has told: those that the kernel has marked, or has of threads of this process. */
export function tellOfDeaths(lot: Lot): void {
  const { words, scope } = lot.region;
  if (scope === 'thread') {
    if (noteThreadEnd(lot)) tellOfDeath(lot);
    return;
  }
  let found = false;
  eachSlot(lot, (slot) => {
    if (claimDeath(words, slot)) found = true;
  });
  if (found) tellOfDeath(lot);
}

/** As `tellOfDeaths`, for a thread that is blocked: it may wake up often, and its timers do not come. */
export function tellNowAndThen(lot: Lot, now: number): void {
  if (now < lot.tellAt) return;
  lot.tellAt = now + LOOK_EVERY;
  writeLate();
  tellOfDeaths(lot);
}

/** This thread has become a member. When nobody may hear of its death, those who wait are told to look for themselves. */
export function noteMember(lot: Lot): void {
  const { words, scope } = lot.region;
  if (scope === 'thread') return;
  const maker = load(words, lot.maker);
  if (maker !== 0 && (maker === process.pid || maker === process.ppid)) return;
  if (exchange(words, lot.unheard, 1) === 0) tellOfDeath(lot);
}
