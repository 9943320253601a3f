/**
 * What a line of promises needs of the object that they wait for.
 * @module
 */
import type { Changes } from './core.ts';
import type { WaitOptions } from './wait-options.ts';
import type { Watched } from './watch.ts';

/** Cannot be taken now. */
export const NOT_NOW = -1;

/** Something to wait for; the methods are explained in `sync-object.ts`, and internal. */
export interface Waitable extends Watched {
  /** Whether requests differ. @internal */
  readonly mixed: boolean;
  /** @internal */
  guarded<R>(fn: () => R): R;
  /** @internal */
  enqueue(request: number, mode: number): number;
  /** @internal */
  collect(record: number, request: number): number;
  /** @internal */
  missed(record: number, nudged: boolean): void;
  /** @internal */
  take(wanted: number, options: WaitOptions | undefined): Promise<number> | number;
  /** @internal */
  gaveUp(request: number): void;
  /** @internal */
  holding(request: number): Changes;
  /** @internal */
  undo(code: number, count: number, request: number): Changes;
}
