/**
 * Members of a lot: which threads take part, and whether they live.
 *
 * How it works  A thread claims a slot on first use and gets an id: the slot's number and a generation. In process scope the
 *               slot's life word is in the kernel's robust list, so the kernel itself notes a death, whatever its cause. In
 *               thread scope whoever started the thread notes it when it hears of the end, and with it the ends of what that one
 *               had started (Linux); the thread does so itself when it ends in good order; and a waiter that has waited for a
 *               while asks the system (Linux) whether it is there.
 * Layout        A slot, 64 bytes: 0 life · 1 id · 2-3 robust entry · 4 pid · 5 thread in the system · 6 thread in Node ·
 *               7 bell · 8 bell overran · 9 its inode · 8-9 ends of the pipe, while there is no bell · 10-15 robust head.
 * Invariants    1. An id is dead when its slot's id word is another, or its life word says so. It never lives again.
 *               2. While a slot is being claimed its id word is `CLAIMING`, so neither the old nor the new id seems alive.
 * When it dies  A thread that is killed while it claims a slot, or an entry of the table of processes, takes it along: it is one of
 *               `MEMBERS` (`PROCESSES`) fewer for as long as there is the lot. (Who claims could be noted beside it, but not in the same store,
 *               and an id that came back would be worse.) Without a free entry each thread maps the lot for itself.
 * @module
 */
import { existsSync, readFileSync } from 'node:fs';
import { threadId } from 'node:worker_threads';
import { ManyhandsError } from '../errors/manyhands-error.ts';
import { enlist, isAlive } from '../memory/robust-list.ts';
import { systemThread, systemThreads } from '../memory/system-thread.ts';
import { compareExchange, load, store } from '../memory/words.ts';
import { type Lot, MEMBER_WORDS, MEMBERS, PROCESS_WORDS, PROCESSES } from './lot.ts';

/** Bits of a word that can hold a member's id. */
export const ID_MASK = 0x3fff_ffff;

const SLOT_BITS = 10;
const CLAIMING = -1;
const ID = 1;
export const PID = 4;
const SYSTEM_THREAD = 5;
const NODE_THREAD = 6;
/** Words of a slot that `bell.ts` uses. */
export const BELL = 7;
export const BELL_OVERRAN = 8;
export const BELL_INODE = 9;
/** While a bell is being made: the two ends of its pipe. */
export const PIPE_ENDS = 8;

const slotWord = (lot: Lot, slot: number): number => lot.members + slot * MEMBER_WORDS;

/** Word index of the slot of a member. */
export const slotOf = (lot: Lot, id: number): number => slotWord(lot, id & (MEMBERS - 1));

/** Makes this thread a member and returns its id. */
export function join(lot: Lot): number {
  const { words } = lot.region;
  for (let slot = 0; slot < MEMBERS; slot++) {
    const at = slotWord(lot, slot);
    const old = load(words, at + ID);
    if (old === CLAIMING || (old !== 0 && isAlive(words, at))) continue;
    if (compareExchange(words, at + ID, old, CLAIMING) !== old) continue;
    return settle(lot, slot, old);
  }
  throw new ManyhandsError(
    `${MEMBERS} threads already use locks of this ${lot.region.scope === 'thread' ? 'process' : 'family of processes'}, which is the most there can be.`,
    { code: 'ERR_TOO_MANY_MEMBERS' },
  );
}

function settle(lot: Lot, slot: number, old: number): number {
  const { words, scope } = lot.region;
  const at = slotWord(lot, slot);
  store(words, at + PID, process.pid);
  store(words, at + NODE_THREAD, threadId);
  store(words, at + SYSTEM_THREAD, systemThread());
  store(words, at + BELL, 0);
  store(words, at + BELL_OVERRAN, 0);
  store(words, at + PIPE_ENDS + 1, 0);
  const generation = ((old >>> SLOT_BITS) + 1) & (ID_MASK >>> SLOT_BITS);
  const id = (Math.max(generation, 1) << SLOT_BITS) | slot;
  if (scope === 'thread') store(words, at, id);
  else enlist({ words, offset: at * 4, address: mappingForGood(lot) });
  store(words, at + ID, id);
  return id;
}

/** Whether a member is gone. */
export function isDead(lot: Lot, id: number): boolean {
  const at = slotOf(lot, id);
  return load(lot.region.words, at + ID) !== id || !isAlive(lot.region.words, at);
}

/** As `isDead`, and asks the system where no kernel notes deaths. Takes some microseconds. */
export function isDeadBySystem(lot: Lot, id: number): boolean {
  if (isDead(lot, id)) return true;
  if (lot.region.scope === 'process' || process.platform !== 'linux') return false;
  const at = slotOf(lot, id);
  const thread = load(lot.region.words, at + SYSTEM_THREAD);
  return thread !== 0 && !existsSync(`/proc/self/task/${thread}`);
}

/**
 * Notes which threads of this process are gone: those that the system no longer has, as what a thread has started ends with it and
 * nobody is left to hear of that; and one that has ended, if one is named. False when none was a member.
 */
export function noteThreadEnd(lot: Lot, ended?: number): boolean {
  const { words } = lot.region;
  const living: { readonly at: number; readonly life: number }[] = [];
  eachSlot(lot, (at) => {
    if (isAlive(words, at)) living.push({ at, life: load(words, at) });
  });
  const there = systemThreads(); // asked now: who has come since is not among the living
  let found = false;
  for (const { at, life } of living) {
    const thread = load(words, at + SYSTEM_THREAD);
    const gone = load(words, at + NODE_THREAD) === ended || (thread !== 0 && there?.has(thread) === false);
    // Its place may be another's by now, whose life is another word.
    if (gone && compareExchange(words, at, life, 0) === life) found = true;
  }
  return found;
}

/** Slots (their first words) of threads of this process that have ended. */
export function slotsOfEnded(lot: Lot): number[] {
  const { words } = lot.region;
  const slots: number[] = [];
  eachSlot(lot, (at) => {
    if (load(words, at + PID) === process.pid && !isAlive(words, at)) slots.push(at);
  });
  return slots;
}

/** Calls `visit` with the first word of each slot that was ever taken. */
export function eachSlot(lot: Lot, visit: (slot: number) => void): void {
  for (let slot = 0; slot < MEMBERS; slot++) {
    const at = slotWord(lot, slot);
    if (load(lot.region.words, at + ID) === 0) return; // slots are claimed from the first one on
    visit(at);
  }
}

/** Which thread a member is, for people. */
export function describe(lot: Lot, id: number): string {
  const at = slotOf(lot, id);
  const { words, scope } = lot.region;
  if (load(words, at + ID) !== id) return 'a thread that is gone';
  const pid = load(words, at + PID);
  const thread = load(words, at + NODE_THREAD);
  const name = thread === 0 ? 'the main thread' : `thread ${thread}`;
  return scope === 'thread' || pid === process.pid ? name : `${name} of process ${pid}`;
}

/** Process and thread of a member. */
export function identity(lot: Lot, id: number): { readonly pid: number; readonly threadId: number } | undefined {
  const at = slotOf(lot, id);
  if (load(lot.region.words, at + ID) !== id) return undefined;
  return { pid: load(lot.region.words, at + PID), threadId: load(lot.region.words, at + NODE_THREAD) };
}

/** Where this process has mapped the lot for good: one mapping a process and lot, found in the lot itself. */
function mappingForGood(lot: Lot): number {
  const { words } = lot.region;
  const start = processStart();
  for (let entry = 0; entry < PROCESSES; entry++) {
    const at = lot.processes + entry * PROCESS_WORDS;
    if (load(words, at) === process.pid && load(words, at + 1) === start) return address(lot, at);
  }
  const made = lot.segment?.mapForGood() ?? 0;
  for (let entry = 0; entry < PROCESSES; entry++) {
    const at = lot.processes + entry * PROCESS_WORDS;
    const old = load(words, at);
    if (old === CLAIMING || (old !== 0 && existsSync(`/proc/${old}`))) continue;
    if (compareExchange(words, at, old, CLAIMING) !== old) continue;
    store(words, at + 1, start);
    store(words, at + 2, (made % 2 ** 32) | 0);
    store(words, at + 3, Math.floor(made / 2 ** 32));
    store(words, at, process.pid);
    break;
  }
  return made;
}

const address = ({ region: { words } }: Lot, at: number): number =>
  load(words, at + 3) * 2 ** 32 + (load(words, at + 2) >>> 0);

/** When this process started, in ticks of the system: tells it from an earlier one of the same number. */
function processStart(): number {
  const stat = readFileSync('/proc/self/stat', 'latin1');
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]) | 0;
}
