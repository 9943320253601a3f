/**
 * A pool's functions by number: each is sent to a worker once, afterwards a task names it by its number.
 *
 * How it works  What a packed function is, decides. One that comes by reference (an export, `task()`) gets a number at once.
 *               One whose captured values may change is packed anew for each submit, so that a task always sees what the
 *               variables hold at that moment, and travels with its arguments; its code still goes once. Any other gets its
 *               number when the same packet is met a second time: most functions are written inline, used once and never
 *               seen again, while those without captures have one packet for all that are made from one text.
 * Invariants    A number is never used for two packets. Workers forget a function once the program has dropped it, and only
 *               while the pool is idle. A task that is kept for later holds its function by what was prepared of it.
 * @module
 */
import type { CodeBook } from '../closures/code-book.ts';
import { pack } from '../closures/pack.ts';
import type { Packed, Packet } from '../closures/packet.ts';
import { Travels } from '../sync/travels.ts';
import type { ToWorker } from '../workers/messages.ts';
import { freeze } from './freeze.ts';

/** Any function. */
export type AnyFunction = (...args: never[]) => unknown;

/** A function ready to be named in a task. */
export interface Prepared {
  /** Its number, or 0 when `packet` has to go along. */
  readonly id: number;
  readonly name: string;
  readonly packet?: Packet;
  /** The function, when it has a number: as long as somebody holds this, the number is its own. */
  readonly fn?: AnyFunction;
}

/** A function with a number for as long as it is needed. */
export interface ForMany {
  readonly prepared: Prepared;
  release(): void;
}

/** Functions of one pool. */
export class FunctionRegistry {
  readonly #book: CodeBook;
  readonly #destination: 'thread' | 'process';
  readonly #broadcast: (message: ToWorker) => void;
  readonly #ids = new WeakMap<AnyFunction, number>();
  readonly #idsByPacket = new WeakMap<Packet, number>();
  readonly #packets = new Map<number, Packet>();
  readonly #names = new Map<number, string>();
  readonly #metOnce = new WeakSet<Packet>();
  /** Functions of the program that stand behind a number. */
  readonly #users = new Map<number, number>();
  readonly #preparing = new WeakMap<AnyFunction, Promise<Prepared>>();
  readonly #collected = new FinalizationRegistry<number>((id) => {
    const left = (this.#users.get(id) ?? 1) - 1;
    this.#users.set(id, left);
    if (left === 0) this.#unused.add(id);
  });
  readonly #unused = new Set<number>();
  #nextId = 1;
  #last: AnyFunction | undefined;
  #lastId = 0;

  constructor(book: CodeBook, destination: 'thread' | 'process', broadcast: (message: ToWorker) => void) {
    this.#book = book;
    this.#destination = destination;
    this.#broadcast = broadcast;
  }

  /** The function's number, or 0 when it has none yet. */
  known(fn: AnyFunction): number {
    if (fn === this.#last) return this.#lastId;
    const id = this.#ids.get(fn) ?? 0;
    if (id > 0) {
      this.#last = fn;
      this.#lastId = id;
    }
    return id;
  }

  nameOf(id: number): string {
    return this.#names.get(id) ?? 'a function';
  }

  /** Packs a function. @throws EncodeError when it cannot travel */
  prepare(fn: AnyFunction): Prepared | Promise<Prepared> {
    const id = this.known(fn);
    if (id > 0) return { id, name: this.nameOf(id), fn };
    const pending = this.#preparing.get(fn);
    if (pending !== undefined) return pending;
    const packed = new Travels().during(() =>
      pack(fn, { destination: this.#destination, book: this.#book, root: 'function' }),
    );
    if (!(packed instanceof Promise)) return this.#decide(fn, packed);
    const preparing = packed.then((done) => this.#decide(fn, done)).finally(() => this.#preparing.delete(fn));
    this.#preparing.set(fn, preparing);
    return preparing;
  }

  /** Gives a number also to a function that would otherwise travel with each task; `release` it when those have been answered. */
  async prepareForMany(fn: AnyFunction): Promise<ForMany> {
    const prepared = await this.prepare(fn);
    if (prepared.id > 0 || prepared.packet === undefined) return { prepared, release() {} };
    const id = this.#number(prepared.packet, prepared.name);
    return { prepared: { id, name: prepared.name }, release: () => this.#forget(id) };
  }

  #forget(id: number): void {
    const packet = this.#packets.get(id);
    if (packet !== undefined) this.#idsByPacket.delete(packet);
    if (id === this.#lastId) this.#last = undefined;
    this.#users.delete(id);
    this.#packets.delete(id);
    this.#names.delete(id);
    this.#broadcast({ type: 'forget', id });
  }

  /** Forgets functions that the program has dropped; call while no task is out. */
  forgetUnused(): void {
    for (const id of this.#unused) this.#forget(id);
    this.#unused.clear();
  }

  /** What a worker that starts now has to be told. */
  *definitions(): Iterable<ToWorker> {
    for (const [id, unit] of this.#book.entries()) yield { type: 'code', id, unit };
    for (const [id, packet] of this.#packets) yield { type: 'function', id, packet };
  }

  #decide(fn: AnyFunction, { packet, stable }: Packed): Prepared {
    const name = nameFor(fn);
    const shared = this.#idsByPacket.get(packet);
    if (shared !== undefined) return this.#adopt(fn, shared, name);
    // What it captures may change before a worker takes it.
    if (!stable) return { id: 0, name, packet: freeze(packet, []).packet };
    if (packet.units.length > 0 && !this.#metOnce.has(packet)) {
      this.#metOnce.add(packet);
      return { id: 0, name, packet };
    }
    const id = this.#number(packet, name);
    this.#idsByPacket.set(packet, id);
    return this.#adopt(fn, id, name);
  }

  #adopt(fn: AnyFunction, id: number, name: string): Prepared {
    this.#ids.set(fn, id);
    this.#users.set(id, (this.#users.get(id) ?? 0) + 1);
    this.#unused.delete(id);
    this.#collected.register(fn, id);
    return { id, name, fn };
  }

  #number(packet: Packet, name: string): number {
    const id = this.#nextId;
    this.#nextId += 1;
    this.#packets.set(id, packet);
    this.#names.set(id, name);
    this.#broadcast({ type: 'function', id, packet });
    return id;
  }
}

function nameFor(fn: AnyFunction): string {
  return typeof fn.name === 'string' && fn.name !== '' ? fn.name : 'an anonymous function';
}
