/**
 * How an object says that it can be waited for together with others (`waitAny`).
 * @module
 */

/** Key of the method by which an object gives its readiness. */
export const readinessSymbol: unique symbol = Symbol.for('manyhands.readiness') as never;

/** Whether something could be had at once. */
export interface Readiness {
  /** Whether it could be now. */
  isReady(): boolean;
  /** Resolves once it could be, and takes nothing; rejects when the signal is aborted. */
  whenReady(signal: AbortSignal): Promise<unknown>;
}

/** What can be waited for. */
export interface Awaitable {
  /** @internal */
  [readinessSymbol](): Readiness;
}
