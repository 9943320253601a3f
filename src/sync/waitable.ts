/**
 * What a line of promises needs of the object that they wait for.
 * @module
 */
import type { Changes, Core } from './core.ts';

/** Cannot be taken now. */
export const NOT_NOW = -1;

/** Something to wait for; the methods are explained in `sync-object.ts`, and internal. */
export interface Waitable {
  /** @internal */
  readonly core: Core;
  /** @internal */
  guarded<R>(fn: () => R): R;
  /** @internal */
  enqueue(request: number, mode: number): number;
  /** @internal */
  collect(record: number, request: number): number;
  /** @internal */
  missed(record: number): void;
  /** @internal */
  gaveUp(request: number): void;
  /** @internal */
  holding(request: number): Changes;
  /** @internal */
  undo(code: number, count: number, request: number): Changes;
}
