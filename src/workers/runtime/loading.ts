/**
 * Tasks whose function or arguments are being loaded, which may take an import: one that is given up meanwhile is not called.
 * @module
 */
import { CancelledError } from '../../errors/executor-errors.ts';

/** What a task fails with that was given up before its function was called. */
export const notBegun = new CancelledError('The task was given up before it started.');

/** The tasks of one worker that are being loaded. */
export class Loading {
  readonly #wanted = new Set<number>();

  /** Calls with what a task needs once that has been loaded. @throws `notBegun` */
  async call<T>(id: number, load: () => Promise<T>, call: (loaded: T) => unknown): Promise<unknown> {
    let loaded: T;
    let isWanted: boolean;
    this.#wanted.add(id);
    try {
      loaded = await load();
    } finally {
      isWanted = this.#wanted.delete(id);
    }
    if (!isWanted) throw notBegun;
    return call(loaded);
  }

  /** Gives a task up; false when it is not being loaded. */
  giveUp(id: number): boolean {
    return this.#wanted.delete(id);
  }
}
