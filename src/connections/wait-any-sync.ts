/**
 * Blocks this thread until the first of several things is ready.
 *
 * How it works  Each is asked whether it is ready; if none is, the thread stands in the line of each and sleeps at its doors
 *               (`sync/door.ts`). Whoever makes one of them ready wakes it there. It leaves all lines before it returns.
 * At rest       As a blocked thread that waits for one: it looks for the dead four times a second.
 * @module
 */
import { InvalidOptionError } from '../errors/executor-errors.ts';
import { Doors } from '../sync/door.ts';
import type { Awaitable, Place, WaitingLine } from '../sync/readiness.ts';
import { timeoutOf, type WaitOptions } from '../sync/wait-options.ts';
import { type Candidate, candidates, describe, readyOf } from './wait-any.ts';

/** Milliseconds between two looks for the dead: nobody may have told of them. */
const LOOK_EVERY = 250;

interface Wait<W> {
  readonly candidate: Candidate<W>;
  readonly line: WaitingLine;
}

/**
 * As `waitAny`, and blocks this thread: it waits for queues and pipes that have something to get (or have ended), events and latches that are
 * open, in either scope. Returns all that are ready, in the order given; none when `timeout` milliseconds were over. Takes nothing.
 *
 * Promises, signals, streams, sockets, listeners, threads and processes are refused at once: only this thread's event loop makes them
 * ready, and that stands still meanwhile. The end of a thread or process is seen as the end of a pipe whose other end it has.
 *
 * **Python** `multiprocessing.connection.wait`.
 *
 * @example
 * for (;;) {
 *   const ready = waitAnySync([jobs, stop]);
 *   if (ready.includes(stop)) break;
 *   handle(jobs.getSync());
 * }
 *
 * @throws InvalidOptionError `ERR_INVALID_OPTION` when there is nothing to wait for, or something that the event loop makes ready
 */
export function waitAnySync<const W extends Awaitable>(things: Iterable<W>, options?: WaitOptions): W[] {
  const timeout = timeoutOf(options);
  const all = candidates(things, 'waitAnySync()');
  const waits = all.map((candidate, i) => ({ candidate, line: lineOf(candidate, i) }));
  const now = readyOf(all);
  return now.length > 0 || timeout === 0 ? now : readyOf(all, standUntilTold(waits, timeout));
}

function lineOf({ thing, readiness: { line } }: Candidate<unknown>, index: number): WaitingLine {
  if (line !== undefined) return line;
  throw new InvalidOptionError(
    `waitAnySync() cannot wait for entry ${index}, ${describe(thing)}: only this thread's event loop makes it ready, which stands still while ` +
      'the thread is blocked. Use await waitAny().',
  );
}

/** Blocks until one is ready, or time is up. @returns those that were told that they are */
function standUntilTold<W>(waits: readonly Wait<W>[], timeout: number): Set<Candidate<W>> {
  const end = performance.now() + timeout;
  const doors = new Doors(waits.map(({ line }) => line.lot));
  const places = new Map<Candidate<W>, Place>();
  const told = new Set<Candidate<W>>();
  try {
    for (const { candidate, line } of waits) places.set(candidate, line.stand(doors.in(line.lot)));
    sleepUntilTold([...places.values()], doors, end);
  } finally {
    for (const [candidate, place] of places) if (place.leave()) told.add(candidate);
    doors.close();
  }
  return told;
}

function sleepUntilTold(places: readonly Place[], doors: Doors, end: number): void {
  for (let lookAt = performance.now() + LOOK_EVERY; ; ) {
    doors.listen();
    const now = performance.now();
    const thorough = now >= lookAt;
    if (thorough) lookAt = now + LOOK_EVERY;
    let ready = false;
    for (const place of places) if (place.look(thorough)) ready = true;
    if (ready || now >= end) return;
    doors.sleep(Math.min(end, lookAt) - now);
  }
}
