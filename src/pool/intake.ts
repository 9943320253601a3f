/**
 * The way in for tasks that are not simply small: a function that workers do not know yet, or arguments without a compact
 * form.
 *
 * How it works  What can be packed at once is placed at once. A function whose module has to be asked what it exports, which
 *               takes an import, keeps its task waiting here; its arguments are packed first, so that it travels as it was
 *               submitted. A task that was given up meanwhile is dropped on arrival.
 * @module
 */
import type { CodeBook } from '../closures/code-book.ts';
import { pack } from '../closures/pack.ts';
import type { Packed, Packet } from '../closures/packet.ts';
import type { Future } from '../futures/future.ts';
import { Travels } from '../sync/travels.ts';
import { CALL, CLAIM, STAR_CHUNK, WATCHED } from '../workers/messages.ts';
import { unwrapTransfers } from '../workers/transfer.ts';
import type { Transferable } from '../workers/worker-backend.ts';
import type { Dispatcher, Seat } from './dispatcher.ts';
import { freeze } from './freeze.ts';
import type { AnyFunction, FunctionRegistry, Prepared } from './function-registry.ts';
import { unsent } from './refusals.ts';
import type { Attempt } from './scheduling/scheduler.ts';
import { fromBytes, movedOnly, type Shipment, toBytes } from './shipment.ts';
import type { TaskTable } from './task-table.ts';

/** What an intake works with. */
export interface IntakeOptions {
  readonly table: TaskTable;
  readonly dispatcher: Dispatcher;
  readonly functions: FunctionRegistry;
  readonly book: CodeBook;
  readonly destination: 'thread' | 'process';
  /** A task has been given to the dispatcher. */
  readonly onPlaced: () => void;
  /** A task cannot travel, or is no longer wanted. */
  readonly onRefused: (future: Future<unknown>, id: number, error: unknown) => void;
}

interface PackedArguments {
  readonly packed: Packed | Promise<Packed>;
  readonly transfer: readonly Transferable[];
}

const NO_BYTES = new Uint8Array(0);

/** Where an argument of the function's may stand: in the list, in the list of items, or in an item's own list. */
const levelsOf = (kind: number): number => (kind === CALL ? 1 : kind === STAR_CHUNK ? 3 : 2);

/** Brings tasks to the dispatcher. */
export class Intake {
  readonly #options: IntakeOptions;

  constructor(options: IntakeOptions) {
    this.#options = options;
  }

  /** Places a task of a function that has no number yet, or whose arguments have turned out not to be compact. */
  introduce(future: Future<unknown>, id: number, fn: AnyFunction, kind: number, args: readonly unknown[]): void {
    try {
      const prepared = this.#options.functions.prepare(fn);
      if (!(prepared instanceof Promise)) {
        this.place(future, id, prepared, kind, args);
        return;
      }
      const { packed, transfer } = this.#pack(kind, args);
      this.#placeLater(future, id, Promise.all([prepared, packed]), kind, transfer);
    } catch (error) {
      this.#options.onRefused(future, id, error);
    }
  }

  /** Places a task of a function that has been prepared. */
  place(future: Future<unknown>, id: number, prepared: Prepared, kind: number, args: readonly unknown[]): void {
    const { dispatcher, onPlaced, onRefused } = this.#options;
    try {
      if (prepared.id > 0 && dispatcher.put(id, prepared.id, kind, args)) {
        onPlaced();
        return;
      }
      const { packed, transfer } = this.#pack(kind, args);
      if (packed instanceof Promise) {
        this.#placeLater(
          future,
          id,
          packed.then((done) => [prepared, done]),
          kind,
          transfer,
        );
      } else {
        this.#placePacked(future, id, prepared, kind, packed.packet, transfer);
      }
    } catch (error) {
      onRefused(future, id, unsent(error));
    }
  }

  /**
   * Takes a task as it is now, to be placed later, perhaps more than once.
   *
   * @throws EncodeError when it cannot travel, or what a getter among the arguments throws
   */
  keep(fn: AnyFunction | Prepared, kind: number, args: readonly unknown[]): Shipment | Promise<Shipment> {
    try {
      const kept = this.#keep(fn, kind, args);
      if (!(kept instanceof Promise)) return kept;
      return kept.catch((error: unknown) => {
        throw unsent(error);
      });
    } catch (error) {
      throw unsent(error);
    }
  }

  #keep(fn: AnyFunction | Prepared, kind: number, args: readonly unknown[]): Shipment | Promise<Shipment> {
    const prepared = typeof fn === 'function' ? this.#options.functions.prepare(fn) : fn;
    const bytes = toBytes(args);
    const { packed, transfer } = bytes === undefined ? this.#pack(kind, args) : { packed: undefined, transfer: [] };
    const moved = movedOnly(transfer).length > 0;
    if (!(prepared instanceof Promise) && !(packed instanceof Promise)) {
      return { prepared, kind, bytes, packet: packed?.packet, transfer, moved };
    }
    return Promise.all([prepared, packed]).then(([made, done]) => ({
      prepared: made,
      kind,
      bytes,
      packet: done?.packet,
      transfer,
      moved,
    }));
  }

  /** Places a task that was kept. @param seat the worker that is to do it, when not any may */
  launch(
    future: Future<unknown>,
    id: number,
    shipment: Shipment,
    kind: number,
    attempt: Attempt,
    seat: Seat | undefined,
  ): void {
    const { number, mayReturn } = attempt;
    const { prepared, bytes, packet, transfer } = shipment;
    const { dispatcher, onPlaced, onRefused } = this.#options;
    try {
      if (bytes === undefined) {
        // What is for one worker alone comes back when that dies before it has begun it.
        const moving = mayReturn || seat !== undefined ? movedOnly(transfer) : transfer;
        this.#placePacked(future, id, prepared, kind, packet as Packet, moving, number, seat);
      } else if (prepared.id > 0 && number === 1) {
        if (seat === undefined) dispatcher.putBytes(id, prepared.id, kind, bytes);
        else dispatcher.give(seat, id, prepared.id, kind, bytes);
        onPlaced();
      } else {
        const { packed } = this.#pack(kind, fromBytes(bytes)); // plain data: never a promise
        this.#placePacked(future, id, prepared, kind, (packed as Packed).packet, [], number, seat);
      }
    } catch (error) {
      onRefused(future, id, error);
    }
  }

  #pack(kind: number, args: readonly unknown[]): PackedArguments {
    const { book, destination } = this.#options;
    const { values, list } = unwrapTransfers(args, levelsOf(kind & 3));
    const packed = new Travels().during(() => pack(values, { destination, book, root: 'arguments' }));
    if (packed instanceof Promise) return { packed, transfer: list };
    const { packet, transfer } = freeze(packed.packet, list);
    return { packed: { packet, stable: false }, transfer };
  }

  #placeLater(
    future: Future<unknown>,
    id: number,
    ready: Promise<[Prepared, Packed]>,
    kind: number,
    transfer: readonly Transferable[],
  ): void {
    ready.then(
      ([prepared, { packet }]) => this.#placePacked(future, id, prepared, kind, packet, transfer),
      (error: unknown) => this.#options.onRefused(future, id, unsent(error)),
    );
  }

  #placePacked(
    future: Future<unknown>,
    id: number,
    prepared: Prepared,
    kind: number,
    args: Packet,
    transfer: readonly Transferable[],
    attempt = 1,
    seat?: Seat,
  ): void {
    const { table, dispatcher, onPlaced, onRefused } = this.#options;
    if (table.get(id) !== future || future.done) {
      onRefused(future, id, undefined);
      return;
    }
    const detail = table.detail(id) ?? {};
    const { id: fn, packet: callee, name } = prepared;
    detail.payload = {
      fn,
      kind,
      args,
      transfer,
      ...(callee === undefined ? {} : { callee }),
      ...(attempt === 1 ? {} : { attempt }),
    };
    detail.name = name;
    table.setDetail(id, detail);
    const claim = CLAIM | (kind & WATCHED);
    if (seat === undefined) dispatcher.put(id, fn, claim, []);
    else dispatcher.give(seat, id, fn, claim, NO_BYTES);
    onPlaced();
  }
}
