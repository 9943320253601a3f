/**
 * An event: a flag that one sets and others wait for.
 *
 * How it works  Each time the flag is set a number goes up. Who waits remembers the number of its arrival, and passes when it is
 *               another one, or when the flag is set; so nobody misses a set that is cleared at once.
 * Layout        0 flag · 1 how often it has been set
 * Source        `threading.Event`; generation counts as in POSIX barriers.
 * @module
 */
import { inspect } from 'node:util';
import { compareExchange, load } from '../memory/words.ts';
import type { Core } from './core.ts';
import { Gate } from './gate.ts';
import {
  madeThere,
  coreAt,
  coreFor,
  packSymbol,
  type PlaceData,
  placeOf,
  type ScopeOptions,
  unpackSymbol,
} from './place.ts';

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
export class Event extends Gate {
  /** @throws UnsupportedPlatformError `ERR_UNSUPPORTED_PLATFORM`, InvalidOptionError */
  constructor(options?: ScopeOptions);
  constructor(options: ScopeOptions | Core = {}) {
    super(coreFor(options));
  }

  /** Whether the flag is set. */
  get isSet(): boolean {
    return load(this.core.words, this.core.place(FLAG)) !== 0;
  }

  /** Sets the flag; all who wait go on. */
  set(): void {
    const { core } = this;
    // An exchange, not a read: what this thread wrote before must be seen by whoever clears the flag after this.
    if (compareExchange(core.words, core.place(FLAG), 1, 1) === 1) return;
    this.guarded(() => {
      if (this.isSet) return;
      core.commit([core.place(FLAG), 1, core.place(SETS), (core.own(SETS) + 1) | 0]);
      this.wakeAll();
    });
  }

  /** Clears the flag; who waits from now on waits for the next `set`. */
  clear(): void {
    if (!this.isSet) return;
    this.guarded(() => this.core.commit([this.core.place(FLAG), 0]));
  }

  override stamp(): number {
    return this.core.own(SETS);
  }

  override ready(request: number): boolean {
    return this.isSet || this.core.own(SETS) !== request;
  }

  protected override get open(): boolean {
    return this.isSet;
  }

  [inspect.custom](): string {
    const { waiting } = this.core;
    return `Event { ${this.isSet ? 'set' : 'unset'}${waiting > 0 ? `, ${waiting} waiting` : ''} }`;
  }

  static [packSymbol](event: Event, destination: 'thread' | 'process'): PlaceData {
    return placeOf(event, 'Event', destination);
  }

  static [unpackSymbol](data: PlaceData): Event {
    return madeThere(Event, [coreAt(data)], data, this);
  }
}
