/**
 * How an object says that it can be waited for together with others (`waitAny`).
 * @module
 */

import type { Lot } from './lot.ts';

/** Key of the method by which an object gives its readiness. */
export const readinessSymbol: unique symbol = Symbol.for('manyhands.readiness') as never;

/** A place in the line of an object, of a thread that blocks for several. */
export interface Place {
  /** Whether it has been told that something is to be had, or that there is an end. @param thorough looks for the dead as well */
  look(thorough: boolean): boolean;
  /** Gives the place up, and what was granted to it back to the others. Whether it had been told. */
  leave(): boolean;
}

/** The line of an object, for a thread that blocks. */
export interface WaitingLine {
  /** Where its records are. */
  readonly lot: Lot;
  /** Stands in it; those who wake this thread ring at its door in that lot. */
  stand(door: number): Place;
}

/** Whether something could be had at once. */
export interface Readiness {
  /** Whether it could be now. */
  isReady(): boolean;
  /** Resolves once it could be, and takes nothing; rejects when the signal is aborted. */
  whenReady(signal: AbortSignal): Promise<unknown>;
  /** Undefined where only this thread's event loop can make it ready. */
  readonly line?: WaitingLine;
}

/** What can be waited for. */
export interface Awaitable {
  /** @internal */
  [readinessSymbol](): Readiness;
}
