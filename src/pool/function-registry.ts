/**
 * A pool's functions by number: each is sent to a worker once, afterwards a task names it by its number.
 *
 * How it works  What a packed function is, decides. One that can never change (an export, `task()`, a function that captures
 *               nothing or only constants) gets a number. One whose captured values may change is packed anew for each
 *               submit, so that a task always sees what the variables hold at that moment, and travels with its arguments;
 *               its code still goes once. A function with captured constants gets its number when it is used a second
 *               time: most are written inline, used once and never seen again.
 * Invariants    A number is never used for two functions. Workers forget a function only while the pool is idle.
 * @module
 */
import { type CodeBook, type Packed, type Packet, pack } from '../closures/index.ts';
import type { ToWorker } from '../workers/messages.ts';

/** Any function. */
export type AnyFunction = (...args: never[]) => unknown;

/** A function ready to be named in a task. */
export interface Prepared {
  /** Its number, or 0 when `packet` has to go along. */
  readonly id: number;
  readonly name: string;
  readonly packet?: Packet;
}

/** Functions of one pool. */
export class FunctionRegistry {
  readonly #book: CodeBook;
  readonly #destination: 'thread' | 'process';
  readonly #broadcast: (message: ToWorker) => void;
  readonly #ids = new WeakMap<AnyFunction, number>();
  readonly #idsByPacket = new Map<Packet, number>();
  readonly #packets = new Map<number, Packet>();
  readonly #names = new Map<number, string>();
  readonly #metOnce = new WeakSet<AnyFunction>();
  readonly #preparing = new WeakMap<AnyFunction, Promise<Prepared>>();
  readonly #collected = new FinalizationRegistry<number>((id) => this.#unused.push(id));
  #unused: number[] = [];
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
    if (id > 0) return { id, name: this.nameOf(id) };
    const pending = this.#preparing.get(fn);
    if (pending !== undefined) return pending;
    const packed = pack(fn, { destination: this.#destination, book: this.#book, root: 'function' });
    if (!(packed instanceof Promise)) return this.#decide(fn, packed);
    const preparing = packed.then((done) => this.#decide(fn, done)).finally(() => this.#preparing.delete(fn));
    this.#preparing.set(fn, preparing);
    return preparing;
  }

  /** Gives a number to a function that would otherwise travel with each task; `forget` it afterwards. */
  define(prepared: Prepared): Prepared {
    if (prepared.id > 0 || prepared.packet === undefined) return prepared;
    return { id: this.#number(prepared.packet, prepared.name), name: prepared.name };
  }

  /** Takes a number back that `define` gave; its tasks must have been answered. */
  forget(id: number): void {
    this.#packets.delete(id);
    this.#names.delete(id);
    this.#broadcast({ type: 'forget', id });
  }

  /** Forgets functions that the program has dropped; call while no task is out. */
  forgetUnused(): void {
    if (this.#unused.length === 0) return;
    for (const id of this.#unused) this.forget(id);
    this.#unused = [];
  }

  /** What a worker that starts now has to be told. */
  *definitions(): Iterable<ToWorker> {
    for (const [id, unit] of this.#book.entries()) yield { type: 'code', id, unit };
    for (const [id, packet] of this.#packets) yield { type: 'function', id, packet };
  }

  #decide(fn: AnyFunction, { packet, stable }: Packed): Prepared {
    const name = nameFor(fn);
    const shared = this.#idsByPacket.get(packet);
    if (shared !== undefined) {
      this.#ids.set(fn, shared);
      return { id: shared, name };
    }
    if (!stable) return { id: 0, name, packet };
    const captures = packet.units.some((unit) => unit.envs.some((vars) => vars.length > 0));
    if (captures && !this.#metOnce.has(fn)) {
      this.#metOnce.add(fn);
      return { id: 0, name, packet };
    }
    const id = this.#number(packet, name);
    this.#ids.set(fn, id);
    if (captures) this.#collected.register(fn, id);
    else this.#idsByPacket.set(packet, id);
    return { id, name };
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
