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
import { identityFor } from '../workers/identity.ts';
import type { FromWorker, ToWorker, WorkerSetup } from '../workers/messages.ts';
import type { LaunchOptions, WorkerBackend, WorkerExit } from '../workers/worker-backend.ts';
import type { Dispatcher, Seat } from './dispatcher.ts';

/** Failed starts in a row after which a pool gives up. */
const TRIES = 3;
/** What a start counts that was cut short by a signal from outside: it says little about whether the next one will succeed. */
const CUT_SHORT = 0.1;

/** Workers that may exist at once, those that are leaving included. */
const MOST_SEATS = 250;

/** What a roster tells its pool. */
export interface RosterEvents {
  onMessage(seat: Seat, message: FromWorker): void;
  onReady(seat: Seat): void;
  /** A worker is gone; `wasReady` tells whether it had ever started. */
  onGone(seat: Seat, exit: WorkerExit, wasReady: boolean): void;
  /** No worker can be started. */
  onHopeless(exit: WorkerExit): void;
}

/** What a roster needs to start workers. */
export interface RosterOptions {
  readonly backend: WorkerBackend;
  readonly limit: number;
  /** Of the pool; its workers are called after it. */
  readonly name: string;
  readonly setup: Omit<WorkerSetup, 'shared'>;
  readonly launch: LaunchOptions;
  /** What every worker is told first. */
  readonly definitions: () => Iterable<ToWorker>;
}

/** Live workers. */
export class Roster {
  readonly #options: RosterOptions;
  readonly #dispatcher: Dispatcher;
  readonly #events: RosterEvents;
  readonly #seats = new Set<Seat>();
  #failures = 0;
  #retiring = 0;
  #referenced = false;
  #empty: (() => void) | undefined;

  constructor(options: RosterOptions, dispatcher: Dispatcher, events: RosterEvents) {
    this.#options = options;
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

  /** Starts workers until `wanted` of them live, or as many as may. */
  ensure(wanted: number): void {
    const target = Math.min(wanted, this.#options.limit);
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
  }

  unreference(): void {
    if (!this.#referenced) return;
    this.#referenced = false;
    for (const seat of this.#seats) if (!seat.retiring) seat.worker?.unref();
  }

  /** This worker gets nothing more and is no longer counted. */
  retire(seat: Seat): void {
    if (seat.retiring) return;
    seat.retiring = true;
    this.#retiring += 1;
    seat.worker?.stop();
  }

  /** Asks all to end; resolves when all are gone. */
  async stopAll(): Promise<void> {
    for (const seat of this.#seats) this.retire(seat);
    await this.#untilEmpty();
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
    const { backend, setup, launch, definitions } = this.#options;
    const seat = this.#dispatcher.seat();
    this.#seats.add(seat);
    const shared = seat.shared === undefined ? {} : { shared: seat.shared };
    const identity = identityFor(backend.kind, `${this.#options.name}-${seat.number + 1}`, false);
    const whole = { ...setup, ...shared, identity, definitions: [...definitions()] };
    const worker = backend.start(
      whole,
      {
        onReady: () => {
          this.#failures = 0;
          seat.ready = true;
          this.#events.onReady(seat);
        },
        onMessage: (message) => this.#events.onMessage(seat, message),
        onExit: (exit) => this.#onExit(seat, exit),
      },
      launch,
    );
    seat.worker = worker;
    if (!this.#referenced) worker.unref();
  }

  #onExit(seat: Seat, exit: WorkerExit): void {
    this.#seats.delete(seat);
    if (seat.retiring) this.#retiring -= 1;
    else if (!seat.ready) this.#failures += isFromOutside(exit) ? CUT_SHORT : 1;
    this.#events.onGone(seat, exit, seat.ready);
    if (this.#failures >= TRIES) {
      this.#failures = 0;
      this.#events.onHopeless(exit);
    }
    if (this.#seats.size === 0) this.#empty?.();
  }
}

const isFromOutside = ({ signal }: WorkerExit): boolean => signal === 'SIGKILL' || signal === 'SIGTERM';
