/**
 * Records of a lot: claim, find, free. The layout and the invariants are in `lot.ts`.
 *
 * When it dies  A thread killed while it claims leaves a record marked with its slot, which the next one that finds the
 *               group full takes back. A count of records that passed a group by may stay too high after a death, which costs
 *               a longer search, and never too low.
 * @module
 */
import { ManyhandsError } from '../errors/manyhands-error.ts';
import { isAlive } from '../memory/robust-list.ts';
import { add, compareExchange, load, store } from '../memory/words.ts';
import { GROUP_SIZE, GROUPS, type Lot, MEMBER_WORDS, RECORD_WORDS } from './lot.ts';

/** What a record is; the low byte of its first word, whose rest is the slot of the member that claimed it. */
export const FREE = 0;
const CLAIMED = 1;
/** Waits. */
export const WAITING = 2;
/** Has been given what it waited for, and has not seen it yet. */
export const GRANTED = 3;
/** Holds. */
export const HOLDING = 4;

/** Words of a record. */
export const MEMBER = 1;
export const KEY = 2;
export const TICKET = 3;
export const REQUEST = 4;
/** Waiters that stand behind a record; or how much is held. */
export const COUNT = 5;
/** How many of them have been given what they want. */
export const GIVEN = 6;
/** How the waiter is woken, and what else an object wants to note of it. */
export const MODE = 7;

/** The waiter's thread is parked on the record's first word. */
export const SYNC = 0;
/** The waiter's thread goes on; its event loop is told. */
export const ASYNC = 1;

const homeOf = (key: number): number => (Math.imul(key, 0x9e37_79b1) >>> 0) % GROUPS;

/** What a record is now. */
export const codeOf = (lot: Lot, record: number): number => load(lot.region.words, record) & 0xff;

/** The first word of a record in that state. */
export const stateWord = (lot: Lot, record: number, code: number): number =>
  (load(lot.region.words, record) & ~0xff) | code;

/** Claims a record for a member; it is found once its state is stored. */
export function claim(lot: Lot, key: number, member: number): number {
  const { words } = lot.region;
  const mark = ((member & 0x3ff) << 8) | CLAIMED;
  let group = homeOf(key);
  for (let step = 0; step < GROUPS; step++, group = (group + 1) % GROUPS) {
    for (let i = 0; i < GROUP_SIZE; i++) {
      const record = lot.records + (group * GROUP_SIZE + i) * RECORD_WORDS;
      const state = load(words, record);
      if (state !== FREE && !isAbandonedClaim(lot, state)) continue;
      if (compareExchange(words, record, state, mark) !== state) continue;
      store(words, record + MEMBER, member);
      store(words, record + KEY, key);
      store(words, record + COUNT, 0);
      store(words, record + GIVEN, 0);
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

function isAbandonedClaim(lot: Lot, state: number): boolean {
  return (state & 0xff) === CLAIMED && !isAlive(lot.region.words, lot.members + (state >>> 8) * MEMBER_WORDS);
}

/** Undoes what a claim has left on its way; called once the record's state is `FREE`. */
export function forgotten(lot: Lot, record: number, key: number): void {
  const group = Math.floor((record - lot.records) / (GROUP_SIZE * RECORD_WORDS));
  forgetPassing(lot, key, (group - homeOf(key) + GROUPS) % GROUPS);
}

function forgetPassing(lot: Lot, key: number, groups: number): void {
  let group = homeOf(key);
  for (let i = 0; i < groups; i++, group = (group + 1) % GROUPS) add(lot.region.words, lot.passedBy + group, -1);
}

/** Calls `visit` for each record of a key that is waiting, granted or holding. */
export function eachRecord(lot: Lot, key: number, visit: (record: number, code: number) => void): void {
  const { words } = lot.region;
  let group = homeOf(key);
  for (let step = 0; step < GROUPS; step++, group = (group + 1) % GROUPS) {
    for (let i = 0; i < GROUP_SIZE; i++) {
      const record = lot.records + (group * GROUP_SIZE + i) * RECORD_WORDS;
      const code = load(words, record) & 0xff;
      if (code >= WAITING && load(words, record + KEY) === key) visit(record, code);
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
