/**
 * An event: a flag that one sets and others wait for.
 *
 * How it works  Each time the flag is set a number goes up. Who waits remembers the number of its arrival, and passes when it is
 *               another one, or when the flag is set; so nobody misses a set that is cleared at once.
 * Layout        0 flag · 1 how often it has been set
 * When it dies  Nobody holds an event. A setter that dies between changing the flag and waking leaves sleepers who look for
 *               themselves.
 * Source        `threading.Event`; generation counts as in POSIX barriers.
 * @module
 */
import { inspect } from 'node:util';
import { load } from '../memory/words.ts';
import type { Changes, Core } from './core.ts';
import { coreAt, newCore, packSymbol, type PlaceData, placeOf, type ScopeOptions, unpackSymbol } from './place.ts';
import { SyncObject } from './sync-object.ts';
import { timeoutOf, type WaitOptions } from './wait-options.ts';
import { NOT_NOW } from './waitable.ts';

const FLAG = 0;
const SETS = 1;

/**
 * A flag to wait for.
 *
 * **Python** `threading.Event`, `multiprocessing.Event`, `asyncio.Event`. (Named as there; it hides the web's `Event` in a module
 * that imports it.)
 *
 * @example
 * const ready = new Event();
 * setTimeout(() => ready.set(), 100);
 * await ready.wait();
 */
export class Event extends SyncObject {
  override readonly ordered = false;

  /** @throws UnsupportedPlatformError `ERR_UNSUPPORTED_PLATFORM`, InvalidOptionError */
  constructor(options?: ScopeOptions);
  constructor(options: ScopeOptions | Core = {}) {
    super('words' in options ? options : newCore(options));
  }

  /** Whether the flag is set. */
  get isSet(): boolean {
    return load(this.core.words, this.core.place(FLAG)) !== 0;
  }

  /** Sets the flag; all who wait go on. */
  set(): void {
    if (this.isSet) return;
    const { core } = this;
    this.enter();
    if (core.own(FLAG) === 0) {
      core.commit([core.place(FLAG), 1, core.place(SETS), (core.own(SETS) + 1) | 0]);
      this.wakeAll();
    }
    core.leave();
  }

  /** Clears the flag; who waits from now on waits for the next `set`. */
  clear(): void {
    if (!this.isSet) return;
    this.enter();
    this.core.commit([this.core.place(FLAG), 0]);
    this.core.leave();
  }

  /** Waits until the flag is set; the event loop goes on. @returns `true`; `false` when `timeout` milliseconds were over */
  async wait(options?: WaitOptions): Promise<boolean> {
    timeoutOf(options);
    return this.isSet || (await this.take(0, options)) !== NOT_NOW;
  }

  /** Blocks this thread until the flag is set. @returns `true`; `false` when `timeout` milliseconds were over */
  waitSync(options?: WaitOptions): boolean {
    const timeout = timeoutOf(options);
    return this.isSet || this.takeSync(0, timeout) !== NOT_NOW;
  }

  override stamp(): number {
    return this.core.own(SETS);
  }

  override ready(request: number): boolean {
    return this.core.own(FLAG) !== 0 || this.core.own(SETS) !== request;
  }

  override grant(): void {}

  override mend(): void {
    super.mend();
    this.wakeAll();
  }

  override taking(): Changes {
    return [];
  }

  override undo(): Changes {
    return [];
  }

  [inspect.custom](): string {
    const { waiting } = this.core;
    return `Event { ${this.isSet ? 'set' : 'unset'}${waiting > 0 ? `, ${waiting} waiting` : ''} }`;
  }

  static [packSymbol](event: Event, destination: 'thread' | 'process'): PlaceData {
    return placeOf(event.core, 'Event', destination);
  }

  static [unpackSymbol](data: PlaceData): Event {
    return new this(coreAt(data) as never);
  }
}
