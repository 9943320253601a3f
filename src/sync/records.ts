/**
 * Records of a lot: claim, find, free. The layout is in `lot.ts`.
 *
 * How it works  A record is somebody's from the moment its member word is. Its key comes next, and its state last: only then is
 *               it found. It is freed the other way round.
 * When it dies  A record that has a member and no key is taken by the next one who looks for a free one, once that member is
 *               dead. One that has a key and no state was being made, or freed, under the guard of that key's object;
 *               whoever takes that guard over finishes it (`tidy`). What waits for an object that nobody else shows is freed by
 *               whoever tells of the death. So nobody writes to a record that has become somebody
 *               else's. A count of records that passed a group by may stay too high, which costs a longer search, and never
 *               too low.
 * @module
 */
import { ManyhandsError } from '../errors/manyhands-error.ts';
import { add, compareExchange, load, store } from '../memory/words.ts';
import { GROUP_SIZE, GROUPS, type Lot, RECORD_WORDS } from './lot.ts';
import { isDead } from './members.ts';

/** States of a record. */
export const FREE = 0;
/** Waits. */
export const WAITING = 1;
/** Has been given what it waited for, and has not seen it yet. */
export const GRANTED = 2;
/** Holds. */
export const HOLDING = 3;
/** Beside the state: the waiter was told to look for itself, and has not looked yet. It cannot fall asleep over it. */
export const NUDGED = 0x100;

/** Words of a record. */
export const MEMBER = 1;
export const KEY = 2;
export const TICKET = 3;
export const REQUEST = 4;
/** Waiters that stand behind a record; or how much is held. */
export const COUNT = 5;
/** How many of them have been given what they want. */
export const GIVEN = 6;
/** How the waiter is woken: `SYNC`, `ASYNC`, or at the door at that word (`door.ts`); and whether it is `ALONE`. */
export const MODE = 7;
/** Beside the mode: nobody but the waiter's thread shows the object, so that its record is nobody's once that is dead. */
const ALONE = 0x4000_0000;
/** Whose a record is that somebody is freeing for the dead. */
const FREEING = -1;

/** The waiter's thread is parked on the record's first word. */
export const SYNC = 0;
/** The waiter's thread goes on; its event loop is told. */
export const ASYNC = 1;

const homeOf = (key: number): number => Math.imul(key, 0x9e37_79b1) & (GROUPS - 1);

/** The state of a record. */
export const codeOf = (lot: Lot, record: number): number => load(lot.region.words, record) & ~NUDGED;

/** How the waiter of a record is woken. */
export const modeOf = (lot: Lot, record: number): number => load(lot.region.words, record + MODE) & ~ALONE;

/** Says how the waiter of a record is woken, and whether nobody else shows the object. Before its state is stored. */
export function setMode(lot: Lot, record: number, mode: number, alone: boolean): void {
  lot.region.words[record + MODE] = alone ? mode | ALONE : mode;
}

/** Tells the waiter of a record to look; it has to be woken besides. Under the guard of the key's object. */
export function nudge(lot: Lot, record: number): void {
  const { words } = lot.region;
  store(words, record, load(words, record) | NUDGED);
}

/** Whether the waiter was told to look; now it has. Under the guard of the key's object. */
export function tookNudge(lot: Lot, record: number): boolean {
  const { words } = lot.region;
  const state = load(words, record);
  if ((state & NUDGED) === 0) return false;
  store(words, record, state & ~NUDGED);
  return true;
}

/** Claims a record for a member; it is found once its state is stored. Under the guard of the key's object. */
export function claim(lot: Lot, key: number, member: number): number {
  const { words } = lot.region;
  let group = homeOf(key);
  for (let step = 0; step < GROUPS; step++, group = (group + 1) % GROUPS) {
    for (let i = 0; i < GROUP_SIZE; i++) {
      const record = lot.records + (group * GROUP_SIZE + i) * RECORD_WORDS;
      const owner = load(words, record + MEMBER);
      if (owner !== 0 && (load(words, record + KEY) !== 0 || !isDead(lot, owner))) continue;
      if (compareExchange(words, record + MEMBER, owner, member) !== owner) continue;
      words[record + COUNT] = 0;
      words[record + GIVEN] = 0;
      words[record + MODE] = SYNC;
      store(words, record + KEY, key);
      return record;
    }
    add(words, lot.passedBy + group, 1);
  }
  forgetPassing(lot, key, GROUPS);
  throw new ManyhandsError(
    `${GROUPS * GROUP_SIZE} waits and holdings of locks are under way at once, which is the most there can be.`,
    { code: 'ERR_TOO_MANY_WAITERS' },
  );
}

/** Gives a record back whose state is `FREE` already. Under the guard of its key's object. */
export function giveBack(lot: Lot, record: number): void {
  const { words } = lot.region;
  const key = load(words, record + KEY);
  const owner = load(words, record + MEMBER);
  store(words, record + KEY, 0);
  compareExchange(words, record + MEMBER, owner, 0); // a dead owner's may have been claimed since
  const group = Math.floor((record - lot.records) / (GROUP_SIZE * RECORD_WORDS));
  forgetPassing(lot, key, (group - homeOf(key) + GROUPS) % GROUPS);
}

function forgetPassing(lot: Lot, key: number, groups: number): void {
  let group = homeOf(key);
  for (let i = 0; i < groups; i++, group = (group + 1) % GROUPS) add(lot.region.words, lot.passedBy + group, -1);
}

/** Gives back what somebody who died under the guard of this key's object was making or freeing. Under that guard. */
export function tidy(lot: Lot, key: number): void {
  const unfinished: number[] = [];
  eachOfKey(lot, key, (record, code) => {
    if (code === FREE) unfinished.push(record);
  });
  for (const record of unfinished) giveBack(lot, record);
}

/** Others will show the object of this key, of which all records are this thread's. */
export function othersShow(lot: Lot, key: number): void {
  eachOfKey(lot, key, (record) => setMode(lot, record, modeOf(lot, record), false));
}

/** Frees what the dead have left of objects that nobody else shows: nobody will look there. */
export function freeForgotten(lot: Lot): void {
  const { words } = lot.region;
  for (let i = 0; i < GROUPS * GROUP_SIZE; i++) {
    const record = lot.records + i * RECORD_WORDS;
    if ((load(words, record + MODE) & ALONE) === 0 || load(words, record + KEY) === 0) continue;
    const owner = load(words, record + MEMBER);
    if (owner <= 0 || !isDead(lot, owner)) continue;
    if (compareExchange(words, record + MEMBER, owner, FREEING) !== owner) continue;
    store(words, record, FREE);
    giveBack(lot, record);
  }
}

/** Calls `visit` for each record of a key that is waiting, granted or holding. */
export function eachRecord(lot: Lot, key: number, visit: (record: number, code: number) => void): void {
  eachOfKey(lot, key, (record, code) => {
    if (code !== FREE) visit(record, code);
  });
}

/** The record of what a member holds under a key, or -1. */
export function holdingOf(lot: Lot, key: number, member: number): number {
  const { words } = lot.region;
  let group = homeOf(key);
  for (let step = 0; step < GROUPS; step++, group = (group + 1) % GROUPS) {
    const first = lot.records + group * GROUP_SIZE * RECORD_WORDS;
    for (let record = first; record < first + GROUP_SIZE * RECORD_WORDS; record += RECORD_WORDS) {
      if (load(words, record + KEY) !== key || load(words, record + MEMBER) !== member) continue;
      if (codeOf(lot, record) === HOLDING) return record;
    }
    if (load(words, lot.passedBy + group) <= 0) break;
  }
  return -1;
}

function eachOfKey(lot: Lot, key: number, visit: (record: number, code: number) => void): void {
  const { words } = lot.region;
  let group = homeOf(key);
  for (let step = 0; step < GROUPS; step++, group = (group + 1) % GROUPS) {
    for (let i = 0; i < GROUP_SIZE; i++) {
      const record = lot.records + (group * GROUP_SIZE + i) * RECORD_WORDS;
      if (load(words, record + KEY) === key) visit(record, codeOf(lot, record));
    }
    if (load(words, lot.passedBy + group) <= 0) return;
  }
}

/** Calls `visit` for every record of the lot on which somebody may be asleep. */
export function eachSleeper(lot: Lot, visit: (record: number) => void): void {
  for (let i = 0; i < GROUPS * GROUP_SIZE; i++) {
    const record = lot.records + i * RECORD_WORDS;
    const code = codeOf(lot, record);
    if (code === WAITING || code === GRANTED) visit(record);
  }
}

/**
 * The record that has waited longest and still wants something, or -1.
 *
 * @param mixed waiters behind one record may want different things, so one that was given something is passed over until its
 *   thread has taken it
 */
export function earliest(lot: Lot, key: number, mixed: boolean): number {
  const { words } = lot.region;
  let first = -1;
  eachRecord(lot, key, (record, code) => {
    const given = load(words, record + GIVEN);
    if (code === HOLDING || (mixed ? given > 0 : given >= load(words, record + COUNT))) return;
    if (first < 0 || ((load(words, record + TICKET) - load(words, first + TICKET)) | 0) < 0) first = record;
  });
  return first;
}

/** Waiters of a key that have not been given what they want. */
export function openWaits(lot: Lot, key: number): number {
  const { words } = lot.region;
  let open = 0;
  eachRecord(lot, key, (record, code) => {
    if (code !== HOLDING) open += load(words, record + COUNT) - load(words, record + GIVEN);
  });
  return open;
}
