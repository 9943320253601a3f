/**
 * The deadlock watch over one wait.
 *
 * How it works  A wait is watched once it has lasted for a while, if nothing but a release can end it (it has no timeout and no
 *               signal) and whoever waits holds something itself: nobody else can be part of a cycle. It is then entered in the
 *               lot's table (`watch-table.ts`), with its stack, and says whom it waits for each time it looks; who finds a cycle
 *               gets the error, and the others go on as soon as that one has let go of what it holds.
 * Cost          Nothing while locks are free. Waits shorter than 20 ms: nothing. Longer ones: some microseconds, two or three
 *               times.
 * @module
 */
import { DeadlockError, type DeadlockedWait } from '../errors/sync-errors.ts';
import type { Core } from './core.ts';
import { type Flow, outwards } from './flow.ts';
import type { Lot } from './lot.ts';
import { describe } from './members.ts';
import { wakeRecord } from './wake.ts';
import { type Agent, THREAD, type WatchedWait, WatchTable } from './watch-table.ts';

/** Milliseconds after which a wait is looked at, and then again. */
export const LOOK_AFTER = 20;
/** How often that is done of its own accord. */
export const LOOKS = 3;
const FRAMES = 16;
/** Frames of this library say nothing about a user's deadlock. */
const OWN_FRAMES = new URL('.', import.meta.url).href;

/** What a watch needs to know of the object waited for. */
export interface Watched {
  /** @internal */
  readonly core: Core;
  /** Who would have to release something, or be served, first. @internal */
  blockers(request: number): Agent[];
}

/** Where a wait began. */
export interface Trace {
  stack?: string;
}

/** Notes where a wait begins: cheap, the text is made when it is needed. */
export function traceBelow(fn: (...args: never[]) => unknown): Trace {
  const trace: Trace = {};
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = FRAMES;
  Error.captureStackTrace(trace, fn);
  Error.stackTraceLimit = stackTraceLimit;
  return trace;
}

const tables = new WeakMap<Lot, WatchTable>();

function tableOf(lot: Lot): WatchTable {
  let table = tables.get(lot);
  if (table === undefined) {
    table = new WatchTable(lot);
    tables.set(lot, table);
  }
  return table;
}

/** Watches one wait. */
export class Watch {
  readonly #object: Watched;
  readonly #request: number;
  readonly #record: number;
  readonly #flow: Flow | undefined;
  readonly #trace: Trace;
  #since = 0;
  #entry = -1;

  /** @param flow which async function waits; left out when the whole thread does */
  constructor(object: Watched, request: number, record: number, trace: Trace, flow?: Flow) {
    this.#object = object;
    this.#request = request;
    this.#record = record;
    this.#trace = trace;
    this.#flow = flow;
  }

  /** Says whom it waits for now. The error, if this can never end; it is then watched no more. Not under the object's guard. */
  look(): DeadlockError | undefined {
    const { lot } = this.#object.core;
    const table = tableOf(lot);
    if (this.#since === 0) this.#since = table.now();
    const seen = table.now();
    const blockers = this.#object.blockers(this.#request);
    const flows = this.#flow === undefined ? [THREAD] : outwards(this.#flow).map(({ number }) => number);
    if (this.#entry < 0) {
      if (blockers.length === 0) return undefined;
      this.#entry = table.open(this.#record, this.#since, this.#text());
      if (this.#entry < 0) return undefined;
    }
    const { cycle, stale } = table.look(this.#entry, seen, flows, blockers);
    for (const record of stale) wakeRecord(lot, record);
    if (cycle === undefined) return undefined;
    this.#entry = -1;
    return errorOf(lot, cycle);
  }

  /** The wait is over. */
  end(): void {
    if (this.#entry < 0) return;
    tableOf(this.#object.core.lot).close(this.#entry);
    this.#entry = -1;
  }

  /** What is waited for, and where. */
  #text(): string {
    const { constructor, core } = this.#object;
    const [, ...frames] = (this.#trace.stack ?? '').split('\n');
    const users = frames
      .map((line) => line.trim())
      .filter((line) => !line.includes(OWN_FRAMES) && !line.includes('node:'));
    return `${constructor.name} #${core.key}\n${users.join('\n')}`;
  }
}

function errorOf(lot: Lot, cycle: readonly WatchedWait[]): DeadlockError {
  const waits = cycle.map(({ member, flow, text }): DeadlockedWait => {
    const thread = describe(lot, member);
    const [object = '', ...stack] = text.split('\n');
    return { waiter: flow === THREAD ? thread : `an async function of ${thread}`, object, stack: stack.join('\n') };
  });
  const lines = waits.map(({ waiter, object, stack }, i) => {
    const { waiter: holder } = waits[(i + 1) % waits.length] as DeadlockedWait;
    return `${i + 1}. ${i === 0 ? 'This one: ' : ''}${waiter} waits for ${object}, which ${holder} holds:\n${stack.replaceAll(/^/gm, '     ')}`;
  });
  const how =
    cycle.length === 1
      ? 'This wait could never end: it is for something that its own thread holds.'
      : `These ${cycle.length} waits could never end, each for what the next one holds. Take locks in one order everywhere, or wait with a timeout.`;
  return new DeadlockError(`${how}\n${lines.join('\n')}`, { waits });
}
