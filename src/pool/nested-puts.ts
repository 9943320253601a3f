/**
 * Tasks that are submitted while another task's values are being written: a getter or a proxy among them may do that.
 *
 * How it works  Values are written where they will be read, so a second writer would write over the first. While one is at
 *               work, values of another are refused, as if they had no compact form: they are packed instead, and what has
 *               no values waits here until the first is done.
 * @module
 */
type Put = (id: number, fn: number, kind: number, values: readonly unknown[]) => boolean;

const NO_VALUES: readonly unknown[] = [];

/** Keeps one writer from another. */
export class NestedPuts {
  /** Whether a task is being written. */
  writing = false;
  #kept: (readonly [id: number, fn: number, kind: number])[] = [];

  /** Keeps a task without values for later; false when it has some. */
  keep(id: number, fn: number, kind: number, values: readonly unknown[]): boolean {
    if (values.length > 0) return false;
    this.#kept.push([id, fn, kind]);
    return true;
  }

  /** The writer is done, however it ended: puts what was kept. */
  done(put: Put): void {
    this.writing = false;
    if (this.#kept.length === 0) return;
    const kept = this.#kept;
    this.#kept = [];
    for (const [id, fn, kind] of kept) put(id, fn, kind, NO_VALUES);
  }
}
