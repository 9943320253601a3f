/**
 * The promises of one thread that wait for one object: a line behind a single record.
 *
 * How it works  The record carries the ticket and the request of the line's head. A grant to the record is a grant to the
 *               head; the next one then moves up, with the ticket that it drew when it came. The thread hears of a grant by
 *               `Atomics.waitAsync` on the record (thread scope) or by its bell (process scope); of its own, at once.
 * Invariants    1. The line has a record exactly while somebody stands in it.
 *               2. Whoever gives up leaves the line first; what was granted meanwhile goes to the next one in it, or back.
 *               3. The event loop is kept alive exactly while somebody stands in a line.
 *               4. Nothing polls, with one exception: where somebody takes part of whose death nobody may hear (`deaths.ts`), as in memory
 *                  that has a name, the dead are looked for while somebody waits, four times a second.
 * When it dies  With its thread; the record is reaped like any other.
 * @module
 */
import { KeepAlive } from '../memory/keep-alive.ts';
import { setTimer, type Timer } from '../memory/timer.ts';
import { onChange } from '../memory/wait.ts';
import { load } from '../memory/words.ts';
import { Bell } from './bell.ts';
import { inLot } from './core.ts';
import { outwards, thisFlow } from './flow.ts';
import type { Lot } from './lot.ts';
import { type Line, ownLines } from './own-lines.ts';
import { ASYNC, COUNT, GIVEN, GRANTED, REQUEST, TICKET, tookNudge, WAITING } from './records.ts';
import { NOT_NOW, type Waitable } from './waitable.ts';
import { traceBelow, Watch } from './watch.ts';
import { lookLater } from './watch-timer.ts';

/** Milliseconds between two looks, while somebody waits where somebody may die unheard. */
const UNHEARD_EVERY = 250;

/** Waiters that are gone and may still be in the list. */
const MANY = 256;

/** What bounds a wait. */
interface BoundedWait {
  readonly timeout: number;
  readonly signal?: AbortSignal | undefined;
}

interface LineWatch {
  look(): void;
  end(): void;
}

interface Waiter {
  readonly request: number;
  readonly ticket: number;
  readonly resolve: (result: number) => void;
  readonly reject: (reason: unknown) => void;
  readonly timer: Timer | undefined;
  readonly forget: (() => void) | undefined;
  /** Looks for a deadlock, when its wait can be part of one. */
  readonly watch: LineWatch | undefined;
  gone: boolean;
}

/** The lines of this thread in one lot. */
class Lines {
  readonly byKey = new Map<number, AsyncLine>();
  readonly byRecord: Map<number, Line>;
  readonly bell: Bell | undefined;
  readonly #lot: Lot;
  /** Records that `Atomics.waitAsync` watches. It goes on watching when the line is gone, and serves the next one there. */
  readonly #watched = new Set<number>();
  /** Deaths that were told of when the lines last looked; they have not yet. */
  #deaths = -1;
  #looking: NodeJS.Timeout | undefined;

  constructor(lot: Lot, member: number) {
    this.#lot = lot;
    this.byRecord = ownLines(lot);
    if (lot.region.scope === 'process') {
      this.bell = new Bell(lot, member, (record) => {
        this.#lookForUnheard();
        if (record >= 0) this.byRecord.get(record)?.look();
        else this.#lookAll();
      });
    }
  }

  /** A line has got a record. It has looked in this turn. */
  open(record: number, line: Line): void {
    this.byRecord.set(record, line);
    this.bell?.count(1);
    this.#lookForUnheard();
    this.watch(record);
  }

  /** Looks for the dead from now on, while somebody waits, if nobody may tell. */
  #lookForUnheard(): void {
    if (this.byRecord.size === 0 || load(this.#lot.region.words, this.#lot.unheard) === 0) return;
    this.#looking ??= setInterval(() => this.#lookAll(), UNHEARD_EVERY).unref();
  }

  /** A line has none any more. */
  close(record: number): void {
    this.byRecord.delete(record);
    this.bell?.count(-1);
    if (this.byRecord.size > 0) return;
    clearInterval(this.#looking);
    this.#looking = undefined;
  }

  /** Has the line of a record hear when its state is changed and woken. The line has looked in this turn. */
  watch(record: number): void {
    if (this.bell === undefined && !this.#watched.has(record)) this.#hear(record);
    // Somebody may have died since it looked, and nobody was there to be told.
    const deaths = load(this.#lot.region.words, this.#lot.deaths);
    if (deaths === this.#deaths) return;
    this.#deaths = deaths;
    queueMicrotask(() => this.#lookAll());
  }

  /** In thread scope; among processes there is the bell. */
  #hear(record: number): void {
    this.#watched.add(record);
    onChange(this.#lot.region.words, record, WAITING, () => {
      this.#watched.delete(record);
      this.byRecord.get(record)?.look();
      if (this.byRecord.has(record)) this.watch(record);
    });
  }

  #lookAll(): void {
    for (const line of [...this.byRecord.values()]) line.look();
  }
}

const linesOf = new WeakMap<Lot, Lines>();

/** This thread's line for an object. Under the object's guard. */
export function lineOf(object: Waitable): AsyncLine {
  const { core } = object;
  let lines = linesOf.get(core.lot);
  if (lines === undefined) {
    lines = new Lines(core.lot, core.me);
    linesOf.set(core.lot, lines);
  }
  let line = lines.byKey.get(core.key);
  if (line === undefined) {
    line = new AsyncLine(lines, object);
    lines.byKey.set(core.key, line);
  }
  return line;
}

/** A line of promises. */
class AsyncLine implements Line {
  readonly #lines: Lines;
  /** In order; those before `#head` are done, and so are those marked as gone. */
  #waiters: Waiter[] = [];
  #head = 0;
  /** How many are marked as gone, those before `#head` included. */
  #gone = 0;
  #record = -1;
  /** The object waited for: one of this thread's, where it has several for the same words. */
  readonly #object: Waitable;
  #alive: KeepAlive | undefined;
  readonly #watches = new Set<LineWatch>();

  constructor(lines: Lines, object: Waitable) {
    this.#lines = lines;
    this.#object = object;
  }

  /** Stands in line. Under the guard of `object`, which may be another one over the same words. */
  join(object: Waitable, request: number, { timeout, signal }: BoundedWait): Promise<number> {
    const { core } = object;
    const { words } = core.lot.region;
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    const first = this.#record < 0;
    if (first) this.#open(object, request);
    const ticket = first ? load(words, this.#record + TICKET) : core.ticket();
    const onAbort = (): void => this.#leave(waiter, () => reject(signal?.reason));
    const onTimeout = (): void => {
      this.#serve(); // what has come in the last moment counts
      this.#leave(waiter, () => resolve(NOT_NOW));
    };
    const onDeadlock = (error: Error): void => {
      this.#serve(); // what was handed over a moment ago looks as if this very thread held it
      this.#leave(waiter, () => reject(error));
    };
    const endless = timeout === Infinity && signal === undefined;
    const waiter: Waiter = {
      request,
      ticket,
      resolve,
      reject,
      timer: timeout === Infinity ? undefined : setTimer(timeout, onTimeout),
      forget: signal === undefined ? undefined : () => signal.removeEventListener('abort', onAbort),
      watch: endless ? this.#watched(object, request, onDeadlock) : undefined,
      gone: false,
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    this.#waiters.push(waiter);
    if (!first) {
      const count = load(words, this.#record + COUNT) + 1;
      core.commit([inLot(this.#record + COUNT), count, ...core.waitingIs(core.waiting + 1)]);
    }
    object.missed(this.#record, false);
    return promise;
  }

  /** A watch over a wait that can be part of a deadlock: its async function, or one that it is part of, holds something already. */
  #watched(object: Waitable, request: number, onDeadlock: (error: Error) => void): LineWatch | undefined {
    const flow = thisFlow();
    if (flow === undefined || !outwards(flow).some(({ holds }) => holds)) return undefined;
    const watch = new Watch(object, request, this.#record, traceBelow(object.take), flow);
    const look = (): void => {
      const deadlock = watch.look();
      if (deadlock !== undefined) onDeadlock(deadlock);
    };
    const stop = lookLater(look);
    const watches = this.#watches;
    const own: LineWatch = {
      look,
      end() {
        watches.delete(own);
        stop();
        watch.end();
      },
    };
    watches.add(own);
    return own;
  }

  /** The record has changed, or may have: whoever can go goes; those who stay say whom they wait for, if they are watched. */
  look(): void {
    this.#serve();
    for (const watch of [...this.#watches]) watch.look();
  }

  #serve(): void {
    if (this.#first() === undefined) return;
    this.#object.guarded(() => {
      for (let waiter = this.#first(); waiter !== undefined; waiter = this.#first()) {
        const { request, resolve } = waiter;
        const result = this.#object.collect(this.#record, request);
        if (result === NOT_NOW) {
          this.#object.missed(this.#record, tookNudge(this.#object.core.lot, this.#record));
          return;
        }
        waiter.gone = true;
        this.#advance(request);
        this.#forget(waiter);
        resolve(result); // with a number: nobody's code runs, and who was served first goes on first
      }
    });
  }

  /** A waiter gives up. */
  #leave(waiter: Waiter, answer: () => void): void {
    if (waiter.gone) return;
    this.#object.guarded(() => this.#withdraw(waiter));
    answer();
  }

  #withdraw(waiter: Waiter): void {
    const object = this.#object;
    const { core } = object;
    const { words } = core.lot.region;
    const wasFirst = waiter === this.#first();
    waiter.gone = true;
    this.#forget(waiter);
    const record = this.#record;
    const given = load(words, record + GIVEN);
    const count = load(words, record + COUNT);
    if (this.#first() === undefined) {
      const back = given > 0 ? object.undo(GRANTED, given, waiter.request) : [];
      core.free(record, [...core.waitingIs(core.waiting - (count - given)), ...back]);
      this.#close();
    } else {
      // Where all that stand here were granted what they want, one of them was for nothing; and where they want different things, what
      // the first was granted is nothing to the next.
      const rest =
        given >= count || (object.mixed && wasFirst && given > 0)
          ? [inLot(record + GIVEN), given - 1, ...object.undo(GRANTED, 1, waiter.request)]
          : core.waitingIs(core.waiting - 1);
      core.commit([inLot(record + COUNT), count - 1, ...rest]);
      if (wasFirst) this.#showHead();
    }
    object.gaveUp(waiter.request);
  }

  #first(): Waiter | undefined {
    while (this.#head < this.#waiters.length && this.#waiters[this.#head]?.gone === true) this.#head += 1;
    if (this.#gone > MANY && this.#gone * 2 > this.#waiters.length) {
      this.#waiters = this.#waiters.filter(({ gone }) => !gone);
      this.#head = 0;
      this.#gone = 0;
    }
    return this.#waiters[this.#head];
  }

  /** It waits no more. */
  #forget(waiter: Waiter): void {
    this.#gone += 1;
    waiter.timer?.cancel();
    waiter.forget?.();
    waiter.watch?.end();
  }

  /** The head has got what it wanted: the record is the next one's, or nobody's. Under the guard. */
  #advance(request: number): void {
    const { core } = this.#object;
    const { words } = core.lot.region;
    const record = this.#record;
    const count = load(words, record + COUNT);
    const given = load(words, record + GIVEN);
    const holding = given > 0 ? this.#object.holding(request) : [];
    if (this.#first() === undefined) {
      core.free(record, [...core.waitingIs(core.waiting - (count - given)), ...holding]);
      this.#close();
      return;
    }
    // Taken rather than granted: one fewer waits. Granted: that was counted when it was given.
    if (given === 0) core.commit([inLot(record + COUNT), count - 1, ...core.waitingIs(core.waiting - 1)]);
    else core.commit([inLot(record + COUNT), count - 1, inLot(record + GIVEN), given - 1, ...holding]);
    this.#showHead();
  }

  /** Writes the head's ticket and request into the record. Under the guard. */
  #showHead(): void {
    const { core } = this.#object;
    const head = this.#first() as Waiter;
    const { words } = core.lot.region;
    const code = load(words, this.#record + GIVEN) > 0 ? GRANTED : WAITING;
    core.commit([
      inLot(this.#record + TICKET), head.ticket,
      inLot(this.#record + REQUEST), head.request,
      inLot(this.#record), code,
    ]); // biome-ignore format: place and value side by side
  }

  #open(object: Waitable, request: number): void {
    this.#record = object.enqueue(request, ASYNC);
    if (this.#lines.bell === undefined) this.#alive = KeepAlive.hold();
    this.#lines.open(this.#record, this);
  }

  #close(): void {
    this.#lines.close(this.#record);
    this.#lines.byKey.delete(this.#object.core.key);
    this.#record = -1;
    this.#waiters = [];
    this.#head = 0;
    this.#gone = 0;
    this.#alive?.release();
    this.#alive = undefined;
  }
}
