/**
 * The promises of one thread that wait for one object: a line behind a single record.
 *
 * How it works  The record carries the ticket and the request of the line's head. A grant to the record is a grant to the
 *               head; the next one then moves up, with the ticket that it drew when it came. The thread hears of a grant by
 *               `Atomics.waitAsync` on the record (thread scope) or by its bell (process scope); of its own, at once.
 * Invariants    1. The line has a record exactly while somebody stands in it.
 *               2. Whoever gives up leaves the line first; what was granted meanwhile goes to the next one in it, or back.
 *               3. The event loop is kept alive exactly while somebody stands in a line.
 * When it dies  With its thread; the record is reaped like any other.
 * @module
 */
import { KeepAlive } from '../memory/keep-alive.ts';
import { setTimer, type Timer } from '../memory/timer.ts';
import { onChange } from '../memory/wait.ts';
import { load } from '../memory/words.ts';
import { Bell } from './bell.ts';
import { inLot } from './core.ts';
import type { Lot } from './lot.ts';
import { type Line, ownLines } from './own-lines.ts';
import { ASYNC, COUNT, GIVEN, GRANTED, REQUEST, TICKET, WAITING } from './records.ts';
import { NOT_NOW, type Waitable } from './waitable.ts';

interface Waiter {
  readonly request: number;
  readonly ticket: number;
  readonly resolve: (result: number) => void;
  readonly reject: (reason: unknown) => void;
  readonly timer: Timer | undefined;
  readonly forget: (() => void) | undefined;
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

  constructor(lot: Lot, member: number) {
    this.#lot = lot;
    this.byRecord = ownLines(lot);
    if (lot.region.scope === 'process') {
      this.bell = new Bell(lot, member, (record) => {
        if (record >= 0) this.byRecord.get(record)?.look();
        else for (const line of [...this.byRecord.values()]) line.look();
      });
    }
  }

  /** In thread scope: hears when a record's state is changed and woken. */
  watch(record: number): void {
    if (this.bell !== undefined || this.#watched.has(record)) return;
    this.#watched.add(record);
    onChange(this.#lot.region.words, record, WAITING, () => {
      this.#watched.delete(record);
      this.byRecord.get(record)?.look();
      if (this.byRecord.has(record)) this.watch(record);
    });
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
  #record = -1;
  /** The object waited for: one of this thread's, where it has several for the same words. */
  readonly #object: Waitable;
  #alive: KeepAlive | undefined;

  constructor(lines: Lines, object: Waitable) {
    this.#lines = lines;
    this.#object = object;
  }

  /** Stands in line. Under the guard of `object`, which may be another one over the same words. */
  join(object: Waitable, request: number, timeout: number, signal: AbortSignal | undefined): Promise<number> {
    const { core } = object;
    const { words } = core.lot.region;
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    const first = this.#record < 0;
    if (first) this.#open(object, request);
    const ticket = first ? load(words, this.#record + TICKET) : core.ticket();
    const onAbort = (): void => this.#leave(waiter, () => reject(signal?.reason));
    const onTimeout = (): void => {
      this.look(); // what has come in the last moment counts
      this.#leave(waiter, () => resolve(NOT_NOW));
    };
    const waiter: Waiter = {
      request,
      ticket,
      resolve,
      reject,
      timer: timeout === Infinity ? undefined : setTimer(timeout, onTimeout),
      forget: signal === undefined ? undefined : () => signal.removeEventListener('abort', onAbort),
      gone: false,
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    this.#waiters.push(waiter);
    if (first) object.missed(this.#record);
    else {
      const count = load(words, this.#record + COUNT) + 1;
      core.commit([inLot(this.#record + COUNT), count, ...core.waitingIs(core.waiting + 1)]);
    }
    return promise;
  }

  /** The record has changed, or may have: whoever can go goes. */
  look(): void {
    if (this.#first() === undefined) return;
    const done: (() => void)[] = [];
    this.#object.guarded(() => {
      for (let waiter = this.#first(); waiter !== undefined; waiter = this.#first()) {
        const { request, resolve } = waiter;
        const result = this.#object.collect(this.#record, request);
        if (result === NOT_NOW) {
          this.#object.missed(this.#record);
          return;
        }
        this.#drop(waiter);
        done.push(() => resolve(result));
        this.#advance(request);
      }
    });
    for (const resolve of done) resolve();
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
    this.#drop(waiter);
    const record = this.#record;
    const given = load(words, record + GIVEN);
    const count = load(words, record + COUNT);
    if (this.#first() === undefined) {
      const back = given > 0 ? object.undo(GRANTED, given, waiter.request) : [];
      core.free(record, [...core.waitingIs(core.waiting - (count - given)), ...back]);
      this.#close();
    } else {
      // Where all that stand here were granted what they want, one of them was for nothing.
      const rest =
        given >= count
          ? [inLot(record + GIVEN), given - 1, ...object.undo(GRANTED, 1, waiter.request)]
          : core.waitingIs(core.waiting - 1);
      core.commit([inLot(record + COUNT), count - 1, ...rest]);
      if (wasFirst) this.#showHead();
    }
    object.gaveUp(waiter.request);
  }

  #first(): Waiter | undefined {
    while (this.#head < this.#waiters.length && this.#waiters[this.#head]?.gone === true) this.#head += 1;
    if (this.#head > 256 && this.#head * 2 > this.#waiters.length) {
      this.#waiters = this.#waiters.slice(this.#head);
      this.#head = 0;
    }
    return this.#waiters[this.#head];
  }

  #drop(waiter: Waiter): void {
    waiter.gone = true;
    waiter.timer?.cancel();
    waiter.forget?.();
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
    this.#lines.byRecord.set(this.#record, this);
    if (this.#lines.bell === undefined) this.#alive = KeepAlive.hold();
    else this.#lines.bell.count(1);
    this.#lines.watch(this.#record);
  }

  #close(): void {
    this.#lines.byRecord.delete(this.#record);
    this.#lines.byKey.delete(this.#object.core.key);
    this.#record = -1;
    this.#waiters = [];
    this.#head = 0;
    this.#lines.bell?.count(-1);
    this.#alive?.release();
    this.#alive = undefined;
  }
}
