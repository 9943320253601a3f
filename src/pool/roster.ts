/**
 * The workers of a pool: starts them as they are needed, replaces those that are gone, ends them.
 *
 * How it works  There are never more live workers than `limit`, and never fewer than there is work for: after every change the
 *               live ones are counted and the difference started. Nothing is remembered about who replaces whom, so there is
 *               no state that a second death could catch halfway.
 * When it dies  A worker that ends before it was ready could not start. After three in a row the pool gives up and says why,
 *               instead of starting them for ever.
 * @module
 */
import { errorFromData } from '../errors/error-data.ts';
import { TimeoutError } from '../errors/executor-errors.ts';
import { LONGEST, setTimer } from '../memory/timer.ts';
import { identityFor } from '../workers/identity.ts';
import type { FromWorker, ToWorker, WorkerSetup } from '../workers/messages.ts';
import type { LaunchOptions, WorkerBackend, WorkerExit } from '../workers/worker-backend.ts';
import type { Dispatcher, Seat } from './dispatcher.ts';
import { Rate, type RateOptions } from './scheduling/rate.ts';

/** Failed starts in a row after which a pool gives up. */
const TRIES = 3;
/** What a start counts that was cut short by a signal from outside: it says little about whether the next one will succeed. */
const CUT_SHORT = 0.1;

/** Milliseconds that `init` may take. */
const INIT_TIMEOUT = 60_000;

/** Workers that may exist at once, those that are leaving included. */
const MOST_SEATS = 250;

/** Why a pool gives up. */
export interface Hopeless {
  /** `start`: several in a row ended before they were ready · `init`: their init failed · `restarts`: too many died in too short a time. */
  readonly reason: 'start' | 'init' | 'restarts';
  readonly exit: WorkerExit;
  /** Why `init` failed. */
  readonly error?: unknown;
}

/** What a roster tells its pool. */
export interface RosterEvents {
  onMessage(seat: Seat, message: FromWorker): void;
  onReady(seat: Seat): void;
  /** A worker is gone; `wasReady` tells whether it had ever started. */
  onGone(seat: Seat, exit: WorkerExit, wasReady: boolean): void;
  /** A worker has served its time and takes no more tasks; it has been retired. */
  onSpent(): void;
  /** No worker can be started, or too many have died. */
  onHopeless(why: Hopeless): void;
}

/** What a roster needs to start workers. */
export interface RosterOptions {
  readonly backend: WorkerBackend;
  /** Of the pool, when it has one; its workers are called after it. */
  readonly name: string | undefined;
  readonly setup: () => Omit<WorkerSetup, 'shared'>;
  /** Milliseconds that a worker may take until it is ready, when it has an `init`; a minute unless said otherwise. */
  readonly initTimeout: number | undefined;
  readonly maxRestarts: RateOptions | undefined;
  readonly launch: LaunchOptions;
  /** What every worker is told first. */
  readonly definitions: () => Iterable<ToWorker>;
}

/** Live workers. */
export class Roster {
  readonly #options: RosterOptions;
  readonly #name: string;
  readonly #dispatcher: Dispatcher;
  readonly #events: RosterEvents;
  readonly #seats = new Set<Seat>();
  readonly #restarts: Rate | undefined;
  /** When the `init` of a worker that starts has taken too long. */
  readonly #overdue = new Map<Seat, NodeJS.Timeout>();
  /** Workers at most. */
  limit: number;
  /** Nobody can be started yet. */
  waits = false;
  #failures = 0;
  #retiring = 0;
  #referenced = false;
  #empty: (() => void) | undefined;

  constructor(limit: number, options: RosterOptions, dispatcher: Dispatcher, events: RosterEvents) {
    this.limit = limit;
    this.#options = options;
    this.#name = options.name ?? nextName();
    if (options.maxRestarts !== undefined) this.#restarts = new Rate(options.maxRestarts);
    this.#dispatcher = dispatcher;
    this.#events = events;
  }

  /** Workers that live and take tasks, those starting included. */
  get alive(): number {
    return this.#seats.size - this.#retiring;
  }

  get seats(): Iterable<Seat> {
    return this.#seats;
  }

  /** Those that stay and take tasks, those starting included. */
  staying(): Seat[] {
    return [...this.#seats].filter((seat) => !seat.retiring);
  }

  /** Starts workers until `wanted` of them live, or as many as may. */
  ensure(wanted: number): void {
    if (this.waits) return;
    const target = Math.min(wanted, this.limit);
    while (this.alive < target && this.#seats.size < MOST_SEATS) this.#start();
  }

  broadcast(message: ToWorker): void {
    for (const seat of this.#seats) seat.worker?.post(message);
  }

  /** Keeps the event loop alive for the workers' answers. */
  reference(): void {
    if (this.#referenced) return;
    this.#referenced = true;
    for (const seat of this.#seats) seat.worker?.ref();
    for (const timer of this.#overdue.values()) timer.ref();
  }

  unreference(): void {
    if (!this.#referenced) return;
    this.#referenced = false;
    for (const seat of this.#seats) if (!seat.retiring) seat.worker?.unref();
    for (const timer of this.#overdue.values()) timer.unref();
  }

  /** This worker gets nothing more and is no longer counted; it ends when it is done with what it has. */
  retire(seat: Seat): void {
    if (seat.retiring) return;
    seat.retiring = true;
    this.#retiring += 1;
    seat.worker?.stop();
  }

  /** Lets the workers end that are more than so many, when they are done with what they have; idle ones first. */
  retireBeyond(wanted: number): void {
    const staying = this.staying();
    const isIdle = (seat: Seat): boolean => this.#dispatcher.held(seat).length === 0;
    const surplus = staying.length - wanted;
    if (surplus <= 0) return;
    const idle = staying.filter(isIdle).toReversed();
    const busy = staying.filter((seat) => !idle.includes(seat)).toReversed();
    for (const seat of [...idle, ...busy].slice(0, surplus)) this.retire(seat);
  }

  /** Asks all to end; resolves when all are gone. */
  async stopAll(): Promise<void> {
    for (const seat of this.#seats) this.retire(seat);
    await this.#untilEmpty();
  }

  /** Ends all, those asked after so many milliseconds at the latest; resolves when all are gone. */
  async terminateAll(asked: ReadonlySet<Seat>, grace: number): Promise<void> {
    for (const seat of this.#seats) {
      this.retire(seat);
      if (!asked.has(seat)) void seat.worker?.kill();
    }
    const timer = setTimer(grace, () => void this.killAll());
    await this.#untilEmpty();
    timer.cancel();
  }

  /** Ends all; resolves when all are gone. */
  async killAll(): Promise<void> {
    for (const seat of this.#seats) {
      this.retire(seat);
      void seat.worker?.kill();
    }
    await this.#untilEmpty();
  }

  #untilEmpty(): Promise<void> {
    if (this.#seats.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const before = this.#empty;
      this.#empty = () => {
        before?.();
        resolve();
      };
    });
  }

  #start(): void {
    const { backend, setup, launch, definitions, initTimeout = INIT_TIMEOUT } = this.#options;
    const seat = this.#dispatcher.seat();
    this.#seats.add(seat);
    const shared = seat.shared === undefined ? {} : { shared: seat.shared };
    const identity = identityFor(backend.kind, `${this.#name}-${seat.number + 1}`, false);
    const whole = { ...setup(), ...shared, identity, definitions: [...definitions()] };
    let unfit: { readonly error: unknown } | undefined;
    if (whole.init !== undefined && initTimeout < LONGEST) {
      const overdue = setTimeout(() => tooSlow(), initTimeout);
      if (!this.#referenced) overdue.unref();
      this.#overdue.set(seat, overdue);
    }
    const tooSlow = (): void => {
      unfit = { error: new TimeoutError(`init has not come to its end within ${initTimeout} ms.`) };
      void worker.kill();
    };
    const worker = backend.start(
      whole,
      {
        onReady: () => {
          this.#inTime(seat);
          this.#failures = 0;
          seat.ready = true;
          this.#events.onReady(seat);
        },
        onMessage: (message) => {
          if (message.type === 'unfit') unfit = { error: errorFromData(message.error) };
          else if (message.type === 'spent') this.#onSpent(seat);
          else this.#events.onMessage(seat, message);
        },
        onExit: (exit) => {
          this.#inTime(seat);
          this.#onExit(seat, exit, unfit);
        },
      },
      launch,
    );
    seat.worker = worker;
    if (!this.#referenced) worker.unref();
  }

  #inTime(seat: Seat): void {
    clearTimeout(this.#overdue.get(seat));
    this.#overdue.delete(seat);
  }

  #onSpent(seat: Seat): void {
    this.retire(seat);
    this.#events.onSpent();
  }

  #onExit(seat: Seat, exit: WorkerExit, unfit: { readonly error: unknown } | undefined): void {
    this.#seats.delete(seat);
    const hopeless = this.#judge(seat, exit, unfit);
    if (seat.retiring) this.#retiring -= 1;
    this.#events.onGone(seat, exit, seat.ready);
    if (hopeless !== undefined) this.#events.onHopeless(hopeless);
    if (this.#seats.size === 0) this.#empty?.();
  }

  /** Whether after this there is no hope any more. */
  #judge(seat: Seat, exit: WorkerExit, unfit: { readonly error: unknown } | undefined): Hopeless | undefined {
    if (unfit !== undefined) return { reason: 'init', exit, error: unfit.error };
    if (seat.retiring) return undefined;
    if (!seat.ready) {
      this.#failures += isFromOutside(exit) ? CUT_SHORT : 1;
      if (this.#failures < TRIES) return undefined;
      this.#failures = 0;
      return { reason: 'start', exit };
    }
    const now = performance.now();
    if (this.#restarts !== undefined && this.#restarts.readyAt > now) return { reason: 'restarts', exit };
    this.#restarts?.take(now);
    return undefined;
  }
}

const isFromOutside = ({ signal }: WorkerExit): boolean => signal === 'SIGKILL' || signal === 'SIGTERM';

let pools = 0;

function nextName(): string {
  pools += 1;
  return `Pool-${pools}`;
}
