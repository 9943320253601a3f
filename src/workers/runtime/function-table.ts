/**
 * A worker's functions by number, and the code that they are made from.
 *
 * How it works  A definition arrives before the first task that names it, but making a function may take an import and so
 *               be asynchronous: a task finds either the function or a promise of it.
 * Invariants    A function that cannot be made fails the tasks that name it, each with the reason, and nothing else.
 * @module
 */
import type { CodeUnit, Packet } from '../../closures/packet.ts';
import { unpack } from '../../closures/unpack.ts';
import { ManyhandsError } from '../../errors/manyhands-error.ts';

/** Anything that a task may call. */
export type TaskFunction = (...args: never[]) => unknown;

/** The functions that one worker has been told of. */
export class FunctionTable {
  readonly #code = new Map<number, CodeUnit>();
  readonly #functions = new Map<number, TaskFunction | Promise<TaskFunction>>();

  /** Looks a code unit up for `unpack`. */
  readonly code = (id: number): CodeUnit => {
    const unit = this.#code.get(id);
    if (unit !== undefined) return unit;
    throw new ManyhandsError(`Code unit ${id} was never sent to this worker.`, { code: 'ERR_PROTOCOL' });
  };

  addCode(id: number, unit: CodeUnit): void {
    this.#code.set(id, unit);
  }

  define(id: number, packet: Packet): void {
    const making = this.#make(packet);
    making.then(
      (fn) => {
        if (this.#functions.get(id) === making) this.#functions.set(id, fn);
      },
      () => {}, // each task that awaits it learns why
    );
    this.#functions.set(id, making);
  }

  forget(id: number): void {
    this.#functions.delete(id);
  }

  /** The function, a promise of it, or undefined when it has not been sent. */
  get(id: number): TaskFunction | Promise<TaskFunction> | undefined {
    return this.#functions.get(id);
  }

  async #make(packet: Packet): Promise<TaskFunction> {
    return asFunction(await unpack(packet, this.code));
  }
}

/** Checks that what arrived as a function is one. */
export function asFunction(value: unknown): TaskFunction {
  if (typeof value === 'function') return value as TaskFunction;
  throw new ManyhandsError(`A task's function arrived as ${typeof value}.`, { code: 'ERR_PROTOCOL' });
}
