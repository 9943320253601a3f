/**
 * Waits for the first of several things.
 *
 * How it works  Each is asked whether it is ready; if none is, each is waited for by its own means, none of which takes anything, until
 *               one is. Then all are asked again, so that what is ready at the same time is told at the same time: nobody starves.
 * At rest       Costs what its parts cost: no polling, no timers but the timeout. When it is over it leaves nothing at what it waited for, also
 *               when that stays for long (`settling.ts`).
 * @module
 */
import { Readable } from 'node:stream';
import { InvalidOptionError } from '../errors/executor-errors.ts';
import { type Awaitable, type Readiness, readinessSymbol } from '../sync/readiness.ts';
import { timeoutOf, type WaitOptions } from '../sync/wait-options.ts';
import { setTimer } from '../memory/timer.ts';
import { isSettled, onSettled } from './settling.ts';

/**
 * What `waitAny` can wait for: queues and connections that have something to get (or have ended), listeners at which somebody waits,
 * events and latches that are open, threads and processes that have ended, promises that are settled, signals that are aborted,
 * streams that have something to read.
 */
export type Waitable = Awaitable | PromiseLike<unknown> | AbortSignal | Readable;

/**
 * Waits until at least one of several things is ready, and resolves to all that are, in the order given; to none when `timeout`
 * milliseconds were over. Takes nothing: what it names can be got at once, unless somebody else is faster.
 *
 * **Python** `multiprocessing.connection.wait`. **Go** `select`, with `switch` on what is ready.
 *
 * @example
 * const ready = await waitAny([jobs, stop, child]);
 * if (ready.includes(stop)) return;
 * if (ready.includes(jobs)) handle(await jobs.get());
 *
 * @throws InvalidOptionError `ERR_INVALID_OPTION` when there is nothing to wait for; the signal's reason
 */
export async function waitAny<const W extends Waitable>(things: Iterable<W>, options?: WaitOptions): Promise<W[]> {
  const timeout = timeoutOf(options);
  const all = candidates(things, 'waitAny()');
  await Promise.resolve(); // promises that are settled have said so by now
  options?.signal?.throwIfAborted();
  const now = readyOf(all);
  if (now.length > 0 || timeout === 0) return now;
  return readyOf(all, await whenReady(all, timeout, options?.signal));
}

/** Something to wait for, and how. */
export interface Candidate<W> {
  readonly thing: W;
  readonly readiness: Readiness;
}

/** How each of several things is waited for. @param who for the message @throws InvalidOptionError */
export function candidates<W>(things: Iterable<W>, who: string): Candidate<W>[] {
  const all = [...things].map((thing) => ({ thing, readiness: readinessOf(thing, who) }));
  if (all.length === 0) throw new InvalidOptionError(`${who} needs something to wait for.`);
  return all;
}

/** Those that are ready, or were a moment ago: an event may have been cleared since it was set. */
export function readyOf<W>(all: readonly Candidate<W>[], told: ReadonlySet<Candidate<W>> = new Set()): W[] {
  return all.filter((each) => told.has(each) || each.readiness.isReady()).map(({ thing }) => thing);
}

/** Resolves when one is ready, to those that have said so; or when time is up. */
async function whenReady<C extends Candidate<unknown>>(
  all: readonly C[],
  timeout: number,
  signal: AbortSignal | undefined,
): Promise<Set<C>> {
  const told = new Set<C>();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const enough = new AbortController();
  const onAbort = (): void => reject(signal?.reason);
  const timer = timeout === Infinity ? undefined : setTimer(timeout, resolve);
  signal?.addEventListener('abort', onAbort, { once: true });
  const watches: (() => void)[] = [];
  try {
    for (const each of all) {
      const watch = onSettled(each.readiness.whenReady(enough.signal), ({ rejected, reason }) => {
        if (rejected) return reject(reason);
        told.add(each);
        resolve();
      });
      watches.push(watch);
    }
    await promise;
    return told;
  } finally {
    for (const end of watches) end();
    enough.abort();
    timer?.cancel();
    signal?.removeEventListener('abort', onAbort);
  }
}

function readinessOf(thing: unknown, who: string): Readiness {
  if (typeof thing === 'object' && thing !== null) {
    if (readinessSymbol in thing) return (thing as Awaitable)[readinessSymbol]();
    if (thing instanceof AbortSignal) return signalReadiness(thing);
    if (thing instanceof Readable) return streamReadiness(thing);
  }
  if (typeof (thing as Partial<PromiseLike<unknown>> | undefined)?.then === 'function')
    return promiseReadiness(thing as PromiseLike<unknown>);
  throw new InvalidOptionError(
    `${who} waits for queues, connections, listeners, events, latches, threads, processes, promises, signals and streams; this is ${describe(thing)}.`,
  );
}

/** What something is, for people. */
export function describe(thing: unknown): string {
  if (typeof thing !== 'object' || thing === null) return String(thing);
  return `an object of class ${(thing as { constructor?: { name?: string } }).constructor?.name ?? 'unknown'}`;
}

/** A promise that is rejected is ready as well; its reason is for whoever awaits it. */
const promiseReadiness = (promise: PromiseLike<unknown>): Readiness => {
  isSettled(promise); // is known in the next turn
  return {
    isReady: () => isSettled(promise),
    whenReady(enough) {
      const { promise: ready, resolve } = Promise.withResolvers<void>();
      enough.addEventListener(
        'abort',
        onSettled(promise, () => resolve()),
        { once: true },
      );
      return ready;
    },
  };
};

const signalReadiness = (signal: AbortSignal): Readiness => ({
  isReady: () => signal.aborted,
  whenReady: (enough) =>
    first(signal.addEventListener.bind(signal), signal.removeEventListener.bind(signal), ['abort'], enough),
});

const streamReadiness = (stream: Readable): Readiness => {
  const isReady = (): boolean => stream.readableLength > 0 || stream.readableEnded || stream.destroyed;
  return {
    isReady,
    async whenReady(enough) {
      stream.read(0); // has it ask for more
      await first(stream.on.bind(stream), stream.off.bind(stream), ['readable', 'end', 'close', 'error'], enough);
    },
  };
};

/** Resolves at the first of some events; listens no longer once it is enough. */
function first(
  listen: (name: string, fn: () => void) => void,
  unlisten: typeof listen,
  names: readonly string[],
  enough: AbortSignal,
): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const stop = (): void => names.forEach((name) => unlisten(name, done));
  function done(): void {
    stop();
    resolve();
  }
  for (const name of names) listen(name, done);
  enough.addEventListener('abort', stop, { once: true });
  return promise;
}
