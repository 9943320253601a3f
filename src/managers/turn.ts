/**
 * Waiting, in a manager, for clients.
 *
 * How it works  The line of `connections/wait-line.ts`, in which each one waits until it gets something, time is up, its signal is aborted, or its client
 *               is gone. Whoever is given something and gone by then gives it to the next one.
 * @module
 */
import { type Refuse, WaitLine } from '../connections/wait-line.ts';
import { TimeoutError } from '../errors/executor-errors.ts';
import { timeoutOf, type WaitOptions } from '../sync/wait-options.ts';
import type { Client } from './caller.ts';

/** A line of clients. */
export class TurnLine<T> {
  readonly #line = new WaitLine<T>(() => {});

  /**
   * Waits for something; undefined when time was up.
   *
   * @param back gives back what came when the client was gone
   */
  async wait(
    client: Client,
    options: WaitOptions | undefined,
    back: (given: T) => void,
    refuse?: Refuse<T>,
  ): Promise<T | undefined> {
    if (timeoutOf(options) === 0) return undefined;
    let given: T;
    try {
      given = await this.#line.wait(bounded(client, options), 'Nothing came', refuse);
    } catch (error) {
      if (error instanceof TimeoutError) return undefined;
      throw error;
    }
    if (!client.signal.aborted) return given;
    back(given);
    throw client.signal.reason;
  }

  /** Gives it to the first one; false when nobody waits. */
  give(value: T): boolean {
    return this.#line.give(value);
  }

  giveAll(value: T): void {
    this.#line.giveAll(value);
  }
}

/** The bounds of a wait that ends as well when the client is gone. */
export function bounded<O extends WaitOptions>(client: Client, options: O | undefined): O & WaitOptions {
  const { signal } = options ?? {};
  const both = signal === undefined ? client.signal : AbortSignal.any([signal, client.signal]);
  return { ...(options as O), signal: both };
}
