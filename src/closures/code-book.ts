/**
 * The sender's ledger of code: each text has a small number, and a worker is sent it once.
 *
 * How it works  One book for all workers of a pool (or one `Thread`). `pack` asks for a text's number and the owner is told of
 *               each new one before the packet that uses it is handed out.
 * Bounded       A unit is kept while a packet that uses it is alive, and among the last 1,000 used. Others may be collected;
 *               `onGone` then says which number will not be used again.
 * Invariants    1. A number is never given twice. 2. `entries()` has every unit that a living packet may name.
 * @module
 */
import { BoundedMap } from './bounded-map.ts';
import type { CodeUnit, Packed, Packet, PacketNode } from './packet.ts';

const RECENT = 1000;

/** A unit and its number. */
export interface Entry {
  readonly id: number;
  readonly unit: CodeUnit;
}

/** The code that one sender has given out, by number. */
export class CodeBook {
  readonly #onNew: ((id: number, unit: CodeUnit) => void) | undefined;
  readonly #onGone: ((id: number) => void) | undefined;
  readonly #ids = new Map<string, WeakRef<Entry>>();
  readonly #entries = new Map<number, WeakRef<Entry>>();
  readonly #recent = new BoundedMap<string, Entry>(RECENT);
  readonly #users = new WeakMap<Packet, readonly Entry[]>();
  readonly #collected: FinalizationRegistry<{ readonly id: number; readonly key: string }>;
  #next = 1;

  /**
   * @param onNew Called once for each new unit, before `pack()` returns the packet that uses it.
   * @param onGone Called when a unit's number will not be used again.
   */
  constructor(onNew?: (id: number, unit: CodeUnit) => void, onGone?: (id: number) => void) {
    this.#onNew = onNew;
    this.#onGone = onGone;
    this.#collected = new FinalizationRegistry(({ id, key }) => {
      this.#entries.delete(id);
      if (this.#ids.get(key)?.deref() === undefined) this.#ids.delete(key);
      this.#onGone?.(id);
    });
  }

  /** Every unit that a living packet may name, for a worker that starts later. */
  *entries(): Iterable<[number, CodeUnit]> {
    for (const reference of [...this.#entries.values()]) {
      const entry = reference.deref();
      if (entry !== undefined) yield [entry.id, entry.unit];
    }
  }

  /** @internal The number of a text. */
  register(unit: CodeUnit): Entry {
    const key = `${unit.url}\n${unit.source}`;
    const known = this.#ids.get(key)?.deref();
    if (known !== undefined) return known;
    const entry: Entry = { id: this.#next, unit };
    this.#next += 1;
    const reference = new WeakRef(entry);
    this.#ids.set(key, reference);
    this.#entries.set(entry.id, reference);
    this.#recent.set(key, entry);
    this.#collected.register(entry, { id: entry.id, key });
    this.#onNew?.(entry.id, unit);
    return entry;
  }

  /** @internal Keeps the units of a packet as long as the packet itself. */
  hold(packet: Packet, entries: readonly Entry[]): void {
    if (entries.length > 0) this.#users.set(packet, entries);
  }

  /** @internal The units that a packet uses. */
  heldBy(packet: Packet): readonly Entry[] {
    return this.#users.get(packet) ?? [];
  }

  /** @internal Functions that the receiver has and knows by a name of its own. */
  readonly known = new Map<Function, PacketNode>();
  /** @internal Packets that may be used again, by function and by the text of a function that takes nothing. */
  readonly functions = { thread: new WeakMap<Function, Packed>(), process: new WeakMap<Function, Packed>() } as const;
  readonly pureTexts = {
    thread: new BoundedMap<string, Packed>(RECENT),
    process: new BoundedMap<string, Packed>(RECENT),
  } as const;
  /** @internal Classes whose packet may not be used again. */
  readonly changingClasses = new WeakSet<Function>();
}
