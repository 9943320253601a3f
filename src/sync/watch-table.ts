/**
 * Who has waited for whom for a while: the table of a lot in which cycles are looked for.
 *
 * How it works  An entry is one wait that nothing but a release can end: who waits, for whom, since when, and the stack that it
 *               waits in. "When" is a number from the lot's clock, which goes up by one with each look at anything. From an
 *               entry one gets to the next by whom it waits for; a way that leads back to its beginning is a deadlock.
 *               An async function waits, and with it those that it is part of, since they wait for it (`flow.ts`): an entry names
 *               them all, as only their own thread knows them.
 * Layout        128 entries of 1 KiB: 0 used · 1 member · 2 how many flows · 3 record · 4 since · 5 seen · 6 how many it waits
 *               for · 7 bytes of text · 8-15 those it waits for: member and flow · 16-31 flows, the innermost first, or `THREAD`;
 *               those further out than that are left out · 32… text
 * Invariants    1. The table is read and changed under its guard only.
 *               2. Who has an entry has been blocked since `since`, and still is, unless it was given what it waits for and has
 *                  not run since.
 *               3. An edge counts only if it was `seen` after the one that it points to was blocked. Then that one cannot have
 *                  released anything since, and a cycle of such edges is no mistake, however old they are.
 * When it dies  The entry of a dead member is free.
 * Source        K. M. Chandy, J. Misra, "A Distributed Algorithm for Detecting Resource Deadlocks" (1982), with a table instead of
 *               probes.
 * @module
 */
import { add, load, store } from '../memory/words.ts';
import { Core } from './core.ts';
import { type Lot, WATCHES } from './lot.ts';
import { isDead } from './members.ts';

/** In place of a flow: the thread as a whole, which is blocked. */
export const THREAD = -1;

/** Who waits, or is waited for: a flow of a thread; 0 when it is not known which. */
export interface Agent {
  readonly member: number;
  readonly flow: number;
}

/** A wait, as the others see it. */
export interface WatchedWait extends Agent {
  readonly entry: number;
  readonly record: number;
  readonly text: string;
}

/** What a look at the table has found. */
export interface Finding {
  /** The waits of a cycle, beginning with one's own; undefined when there is none. */
  readonly cycle: readonly WatchedWait[] | undefined;
  /** Records of those who would have to look again before one can know. */
  readonly stale: readonly number[];
}

const MEMBER = 1;
const FLOWS = 2;
const RECORD = 3;
const SINCE = 4;
const SEEN = 5;
const COUNT = 6;
const LENGTH = 7;
const BLOCKERS = 8;
const MOST_BLOCKERS = 4;
const AROUND = 16;
const MOST_FLOWS = 16;
const TEXT = 32;

/** Words of an entry. */
const ENTRY_WORDS = 256;
const MOST_TEXT = (ENTRY_WORDS - TEXT) * 4;

/** The table of a lot. */
export class WatchTable {
  readonly #lot: Lot;
  readonly #core: Core;

  constructor(lot: Lot) {
    this.#lot = lot;
    this.#core = new Core(lot.region, lot.watchGuard, lot);
  }

  /** The time, by the lot's clock. */
  now(): number {
    return (add(this.#lot.region.words, this.#lot.clock, 1) + 1) | 0;
  }

  /** An entry for a wait of this thread, or -1 when all are taken. */
  open(record: number, since: number, text: string): number {
    return this.#guarded(() => {
      const { words, buffer } = this.#lot.region;
      for (let i = 0; i < WATCHES; i++) {
        const entry = this.#lot.watches + i * ENTRY_WORDS;
        if (load(words, entry) !== 0 && !isDead(this.#lot, load(words, entry + MEMBER))) continue;
        const bytes = Buffer.from(text);
        const length = Math.min(bytes.length, MOST_TEXT);
        bytes.copy(Buffer.from(buffer, (entry + TEXT) * 4, length));
        store(words, entry + MEMBER, this.#core.me);
        store(words, entry + FLOWS, 0);
        store(words, entry + RECORD, record);
        store(words, entry + SINCE, since);
        store(words, entry + COUNT, 0);
        store(words, entry + LENGTH, length);
        store(words, entry, 1);
        return entry;
      }
      return -1;
    });
  }

  /** Takes an entry away. */
  close(entry: number): void {
    this.#guarded(() => store(this.#lot.region.words, entry, 0));
  }

  /** Writes who waits and whom it was seen to wait for, and looks for a cycle through that; if there is one, the entry goes. */
  look(entry: number, seen: number, flows: readonly number[], blockers: readonly Agent[]): Finding {
    return this.#guarded(() => {
      const { words } = this.#lot.region;
      const around = flows.slice(0, MOST_FLOWS);
      for (const [i, flow] of around.entries()) store(words, entry + AROUND + i, flow);
      store(words, entry + FLOWS, around.length);
      const count = Math.min(blockers.length, MOST_BLOCKERS);
      for (const [i, { member, flow }] of blockers.slice(0, count).entries()) {
        store(words, entry + BLOCKERS + 2 * i, member);
        store(words, entry + BLOCKERS + 2 * i + 1, flow);
      }
      store(words, entry + COUNT, count);
      store(words, entry + SEEN, seen);
      const way: number[] = [];
      const stale: number[] = [];
      if (!this.#leadsTo(entry, entry, way, new Set(), stale)) return { cycle: undefined, stale };
      const cycle = way.map((each) => this.#read(each));
      store(words, entry, 0);
      return { cycle, stale: [] };
    });
  }

  /** Whether edges lead from an entry to `goal`; `way` says over which entries. */
  #leadsTo(from: number, goal: number, way: number[], passed: Set<number>, stale: number[]): boolean {
    const { words } = this.#lot.region;
    passed.add(from);
    way.push(from);
    for (const to of this.#successors(from)) {
      const fresh = ((load(words, from + SEEN) - load(words, to + SINCE)) | 0) > 0;
      if (fresh && to === goal) return true;
      if (!fresh) stale.push(load(words, from + RECORD));
      else if (!passed.has(to) && this.#leadsTo(to, goal, way, passed, stale)) return true;
    }
    way.pop();
    return false;
  }

  /** Entries of those whom an entry waits for. */
  #successors(from: number): number[] {
    const { words } = this.#lot.region;
    const found: number[] = [];
    const count = load(words, from + COUNT);
    for (let i = 0; i < WATCHES; i++) {
      const to = this.#lot.watches + i * ENTRY_WORDS;
      if (load(words, to) === 0 || isDead(this.#lot, load(words, to + MEMBER))) continue;
      for (let j = 0; j < count; j++) {
        const member = load(words, from + BLOCKERS + 2 * j);
        const flow = load(words, from + BLOCKERS + 2 * j + 1);
        if (member === load(words, to + MEMBER) && this.#waits(to, flow)) found.push(to);
      }
    }
    return found;
  }

  /** Whether an entry is the wait of that flow of its thread, or of one that is part of it, or of the whole thread. */
  #waits(entry: number, flow: number): boolean {
    const { words } = this.#lot.region;
    const count = load(words, entry + FLOWS);
    for (let i = 0; i < count; i++) {
      const waits = load(words, entry + AROUND + i);
      if (waits === THREAD || (waits === flow && flow > 0)) return true;
    }
    return false;
  }

  #read(entry: number): WatchedWait {
    const { words, buffer } = this.#lot.region;
    return {
      entry,
      member: load(words, entry + MEMBER),
      flow: load(words, entry + FLOWS) === 0 ? 0 : load(words, entry + AROUND),
      record: load(words, entry + RECORD),
      text: Buffer.from(buffer, (entry + TEXT) * 4, load(words, entry + LENGTH)).toString(),
    };
  }

  #guarded<R>(fn: () => R): R {
    this.#core.enter();
    try {
      return fn();
    } finally {
      this.#core.leave();
    }
  }
}
