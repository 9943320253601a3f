/**
 * What is called in each worker of a pool before its first task, and after its last.
 * @module
 */
import type { CodeBook } from '../closures/code-book.ts';
import { pack } from '../closures/pack.ts';
import type { Packed } from '../closures/packet.ts';
import { InvalidOptionError } from '../errors/executor-errors.ts';
import { Travels } from '../sync/travels.ts';
import type { HookCall } from '../workers/messages.ts';
import { freeze } from './freeze.ts';

/** Functions for each worker. */
export interface HookOptions {
  /**
   * Called in each worker before it gets a task; it may be async. What it returns is what `workerState()` gives there. When it throws, or
   * takes longer than `initTimeout`, the pool has failed: its tasks reject with a `WorkerStartError`, and it takes no more.
   */
  readonly init?: (...args: never[]) => unknown;
  /** What `init` is called with. */
  readonly initArgs?: readonly unknown[];
  /** Milliseconds, 60,000 by default. */
  readonly initTimeout?: number;
  /**
   * Called with what `init` has returned when a worker ends in good order: by `close()`, or because it has served its time. Not when it is
   * killed or dies.
   */
  readonly exit?: (state: never) => unknown;
}

/** The same, ready to be sent. */
export interface Hooks {
  readonly init?: HookCall;
  readonly exit?: HookCall;
}

/** Checks the functions. @throws InvalidOptionError */
export function checkHooks({ init, initArgs, initTimeout, exit }: HookOptions): void {
  for (const [name, value] of Object.entries({ init, exit })) {
    if (value !== undefined && typeof value !== 'function') {
      throw new InvalidOptionError(
        `${name} must be a function, not ${value === null ? 'null' : `of type ${typeof value}`}.`,
      );
    }
  }
  if (initArgs !== undefined && !Array.isArray(initArgs)) throw new InvalidOptionError('initArgs must be an array.');
  if (initTimeout !== undefined && !(typeof initTimeout === 'number' && initTimeout > 0)) {
    throw new InvalidOptionError(`initTimeout must be a number of milliseconds above 0, not ${String(initTimeout)}.`);
  }
}

/** Packs the functions as they are now. @throws EncodeError when one cannot travel */
export function packHooks(
  { init, initArgs = [], exit }: HookOptions,
  destination: 'thread' | 'process',
  book: CodeBook,
): Hooks | Promise<Hooks> {
  const packed = (value: unknown, root: 'function' | 'arguments'): Packed | Promise<Packed> =>
    new Travels().during(() => pack(value, { destination, book, root }));
  const call = (fn: unknown, args: readonly unknown[]): HookCall | Promise<HookCall> => {
    const callee = packed(fn, 'function');
    const values = packed(args, 'arguments');
    return callee instanceof Promise || values instanceof Promise
      ? Promise.all([callee, values]).then(([first, second]) => frozen(first, second))
      : frozen(callee, values);
  };
  const first = init === undefined ? undefined : call(init, initArgs);
  const last = exit === undefined ? undefined : call(exit, []);
  return first instanceof Promise || last instanceof Promise
    ? Promise.all([first, last]).then(([begin, end]) => hooksOf(begin, end))
    : hooksOf(first, last);
}

/** Who waits for the packed functions. */
export interface PackedEvents {
  /** It will take a moment: a module has to be asked. */
  onWait(): void;
  onPacked(hooks: Hooks): void;
  /** One cannot travel. */
  onRefused(error: unknown): void;
}

/** Tells of them, now or as soon as they are there. */
export function whenPacked(packed: Hooks | Promise<Hooks>, { onWait, onPacked, onRefused }: PackedEvents): void {
  if (packed instanceof Promise) {
    onWait();
    packed.then(onPacked, onRefused);
  } else {
    onPacked(packed);
  }
}

const frozen = (callee: Packed, args: Packed): HookCall => ({
  callee: freeze(callee.packet, []).packet,
  args: structuredClone(args.packet),
});

const hooksOf = (init: HookCall | undefined, exit: HookCall | undefined): Hooks => ({
  ...(init === undefined ? {} : { init }),
  ...(exit === undefined ? {} : { exit }),
});
