/**
 * What a line of promises needs of the object that they wait for.
 * @module
 */
import type { Changes, Core } from './core.ts';

/** Cannot be taken now. */
export const NOT_NOW = -1;

/** Something to wait for; the methods are explained in `sync-object.ts`. */
export interface Waitable {
  readonly core: Core;
  enter(): void;
  enqueue(request: number, mode: number): number;
  collect(record: number, request: number): number;
  missed(record: number): void;
  gaveUp(request: number): void;
  holding(request: number): Changes;
  undo(code: number, count: number, request: number): Changes;
}
