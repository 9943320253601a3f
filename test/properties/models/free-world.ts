/**
 * What free-running workers share, what their scripts may say, and how they wait.
 * @module
 */
import {
  Barrier,
  BoundedSemaphore,
  Condition,
  Event,
  type Hold,
  int32,
  Latch,
  Lock,
  type LockOptions,
  RLock,
  RwLock,
  type ScopeOptions,
  Semaphore,
  SharedArray,
  sleepSync,
  string,
  Value,
} from '../../../src/index.ts';
import { coded } from './outcome.ts';

export const WORKERS = 4;
/** Permits of each semaphore. */
export const PERMITS = 2;
/** Items that the buffer has room for. */
export const ROOM = 2;
/** Most items that a worker puts into the buffer. */
export const ITEMS = 100;
/** Most rounds of the barrier where all meet. */
export const ROUNDS = 8;
/** Latches of a world: each run opens one. */
export const LATCHES = 100;
/** Milliseconds for which somebody is busy. */
const BUSY = 1;
/** Milliseconds after which what is sure to be had counts as lost. */
export const LONG = 60_000;

/** How something is waited for. `try` is for what is held. */
export interface Wait {
  readonly form: 'sync' | 'promise' | 'run' | 'try';
  readonly bounds: 'endless' | 'long' | 'brief' | 'zero' | 'abort' | 'given';
  /** Half milliseconds; whole ones until a signal. */
  readonly time: number;
}

/** One of the things that can be held, in the order in which they are taken. */
export const DOORS = [
  'Lock',
  'RLock',
  'read',
  'write',
  'Semaphore',
  'reclaim',
  'BoundedSemaphore',
  'inner Lock',
] as const;
export type DoorName = (typeof DOORS)[number];
const PLACES: Readonly<Record<DoorName, number>> = {
  Lock: 0, RLock: 1, read: 2, write: 2, Semaphore: 3, reclaim: 4, BoundedSemaphore: 5, 'inner Lock': 6,
}; // biome-ignore format: a table
/** The place of a door's object: read and write are two ways into one. */
export const placeOf = (door: DoorName | undefined): number => (door === undefined ? -1 : PLACES[door]);

export interface Take extends Wait {
  readonly door: DoorName;
  /** Whether it is taken once more while it is held, where that can be. */
  readonly again: boolean;
}

export const MAIL = ['Semaphore', 'Condition', 'Event'] as const;
export type Mail = (typeof MAIL)[number];

export type Moment = 'none' | 'microtask' | 'turn' | 'busy' | 'slow';

export type Step =
  | { readonly do: 'hold'; readonly takes: readonly Take[]; readonly moment: Moment; readonly alongside: boolean }
  | { readonly do: 'send'; readonly by: Mail; readonly to: number }
  | { readonly do: 'receive'; readonly by: Mail; readonly wait: Wait }
  | { readonly do: 'put' | 'take' | 'latch' | 'pulse'; readonly wait: Wait }
  | { readonly do: 'pair'; readonly wait: Wait; readonly breaks: boolean }
  | { readonly do: 'meet'; readonly wait: Wait; readonly round: number }
  | { readonly do: 'countDown' | 'busy' };

/** What one worker does in a run. */
export interface Script {
  readonly workers: number;
  readonly latch: number;
  readonly steps: readonly Step[];
  /** In the end some fill the buffer and the others empty it: how they wait, and how many items each has to move. */
  readonly closing: {
    readonly do: 'put' | 'take';
    readonly items: number;
    readonly waits: readonly Wait[];
    readonly alongside: boolean;
  };
}

const numbers = (length: number, scope: ScopeOptions['scope']) => new SharedArray(int32, length, { scope });
const many = <T>(count: number, make: () => T): T[] => Array.from({ length: count }, make);

export type World = ReturnType<typeof newWorld>;

/** The objects, and the notes about them. */
export function newWorld(scope: NonNullable<ScopeOptions['scope']>) {
  const shop = new Lock({ scope });
  return {
    lock: new Lock({ scope }),
    rlock: new RLock({ scope }),
    table: new RwLock({ scope }),
    permits: new Semaphore(PERMITS, { scope }),
    lent: new Semaphore(PERMITS, { scope, reclaim: true }),
    seats: new BoundedSemaphore(PERMITS, { scope }),
    inner: new Lock({ scope }),
    /** The buffer. */
    notFull: new Condition(shop),
    notEmpty: new Condition(shop),
    /** Letters to each worker, by each kind of mail. */
    tokens: many(WORKERS, () => new Semaphore(0, { scope })),
    boxes: many(WORKERS, () => new Condition({ scope })),
    bells: many(WORKERS, () => new Event({ scope })),
    flag: new Event({ scope }),
    pair: new Barrier(2, { scope }),
    /** Where all meet: for 3 workers, and for 4. */
    meetings: [new Barrier(WORKERS - 1, { scope }), new Barrier(WORKERS, { scope })],
    latches: many(LATCHES, () => new Latch(LATCH_COUNT, { scope })),
    notes: {
      /** Who is inside of what: one for each place, then the buffer, then the boxes. */
      inside: many(SHOP + 1 + WORKERS, () => new Value(int32, 0, { scope })),
      /** Raised under each exclusive lock, and how often each worker has done that. */
      raised: numbers(SHOP + 1, scope),
      had: numbers((SHOP + 1) * WORKERS, scope),
      /** Items put and taken by each worker, how often each item was taken; the buffer: items taken, items put, items. */
      put: numbers(WORKERS, scope),
      taken: numbers(WORKERS, scope),
      seen: numbers(WORKERS * ITEMS, scope),
      buffer: numbers(2 + ROOM, scope),
      /** Letters by kind, receiver and sender; those received by kind and receiver. */
      sent: numbers(MAIL.length * WORKERS * WORKERS, scope),
      received: numbers(MAIL.length * WORKERS, scope),
      /** Arrivals of each worker where all meet; what it was given in each round, and 1. */
      arrivals: numbers(WORKERS, scope),
      rounds: numbers(ROUNDS * WORKERS, scope),
      /** The step each worker is at, from 1 on. */
      at: numbers(WORKERS, scope),
    },
    scripts: many(WORKERS, () => new Value(string(0x1_0000), '', { scope })),
    failures: many(WORKERS, () => new Value(string(4000), '', { scope })),
    go: many(WORKERS, () => new Semaphore(0, { scope })),
    done: new Semaphore(0, { scope }),
  };
}

/** More than a run counts; what is too much is counted down before it begins. */
export const LATCH_COUNT = 1_000_000;
/** The place of the buffer's lock. */
export const SHOP = 7;

export const codeOf = (error: unknown): unknown => (error as { readonly code?: unknown }).code;

/** Whether a wait cannot end before it has what it waits for. */
export const isSure = ({ bounds }: Wait): boolean => bounds === 'endless' || bounds === 'long';

/** What ends the waits of this thread that have a signal. */
const toAbort = new Set<() => void>();

/** Hears nothing for a moment, and then ends those waits, before it hears what they have been granted meanwhile. */
export function busy(): void {
  sleepSync(BUSY); // others go on meanwhile, also where there are more threads than cores
  for (const abort of [...toAbort]) abort();
}

function optionsOf({ form, bounds, time }: Wait): LockOptions | undefined {
  const brief = { timeout: time / 2 };
  switch (bounds) {
    case 'endless':
      return undefined;
    case 'long':
      return { timeout: LONG };
    case 'brief':
      return brief;
    case 'zero':
      return { timeout: 0 };
    case 'given':
      return { signal: AbortSignal.abort(coded('GIVEN_UP')) };
    case 'abort': {
      if (form === 'sync') return brief; // it would not hear
      const aborter = new AbortController();
      const abort = (): void => {
        toAbort.delete(abort);
        aborter.abort(coded('GIVEN_UP'));
      };
      toAbort.add(abort);
      if (time === 0) queueMicrotask(abort);
      else if (time === 1) setImmediate(abort);
      else setTimeout(abort, time);
      return { signal: aborter.signal, timeout: time % 2 === 0 ? undefined : LONG };
    }
  }
}

/** Waits as it is told to. False: that came to an end before it had what it waited for. */
export async function attempt<R>(
  wait: Wait,
  call: (options: LockOptions | undefined) => R | Promise<R>,
): Promise<R | false> {
  let result: R;
  try {
    result = await call(optionsOf(wait));
  } catch (error) {
    const code = codeOf(error);
    if (code === 'GIVEN_UP' && (wait.bounds === 'abort' || wait.bounds === 'given')) return false;
    if (code === 'ERR_TIMEOUT' && wait.form === 'run' && (wait.bounds === 'brief' || wait.bounds === 'zero'))
      return false;
    throw error;
  }
  if (wait.bounds === 'given') throw new Error('A wait began though its signal had been given.');
  if (result === false && isSure(wait)) throw new Error('What is free sooner or later could not be had.');
  return result;
}

/** A way to hold something. */
export interface Door {
  acquire(options: LockOptions | undefined): Promise<Hold | false>;
  acquireSync(options: LockOptions | undefined): Hold | false;
  tryAcquire(): Hold | false;
  run<R>(fn: () => Promise<R>, options: LockOptions | undefined): Promise<R>;
}

export function doorsOf({ lock, rlock, table, permits, lent, seats, inner }: World): Readonly<Record<DoorName, Door>> {
  return {
    Lock: lock,
    RLock: rlock,
    read: {
      acquire: (options: LockOptions) => table.acquireRead(options),
      acquireSync: (options: LockOptions) => table.acquireReadSync(options),
      tryAcquire: () => table.tryAcquireRead(),
      run: (fn, options) => table.read(fn, options),
    },
    write: {
      acquire: (options: LockOptions) => table.acquireWrite(options),
      acquireSync: (options: LockOptions) => table.acquireWriteSync(options),
      tryAcquire: () => table.tryAcquireWrite(),
      run: (fn, options) => table.write(fn, options),
    },
    Semaphore: permits,
    reclaim: lent,
    BoundedSemaphore: seats,
    'inner Lock': inner,
  };
}

/** Letters that a worker has not received. */
export function lettersTo({ notes: { sent, received } }: World, by: Mail, to: number): number {
  const box = MAIL.indexOf(by) * WORKERS + to;
  return (
    sent.slice(box * WORKERS, (box + 1) * WORKERS).reduce((sum, count) => sum + count, 0) - (received[box] as number)
  );
}
