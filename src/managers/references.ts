/**
 * What one client refers to: the objects that it may use, and how many proxies of each it has.
 * @module
 */
import { type Entry, objectGone, type ObjectTable } from './object-table.ts';

/** The references of one client. */
export class References {
  readonly #table: ObjectTable;
  readonly #counts = new Map<string, number>();

  constructor(table: ObjectTable) {
    this.#table = table;
  }

  has(id: string): boolean {
    return this.#counts.has(id);
  }

  /** An object that the client may use. @throws ManagerError `ERR_OBJECT_GONE` */
  entry(id: string): Entry {
    const entry = this.#counts.has(id) ? this.#table.find(id) : undefined;
    if (entry === undefined) throw objectGone();
    return entry;
  }

  /** One more. */
  add(entry: Entry): void {
    this.#counts.set(entry.id, (this.#counts.get(entry.id) ?? 0) + 1);
    this.#table.hold(entry);
  }

  /** One less; nothing, when there is none. */
  release(id: string): void {
    const count = this.#counts.get(id);
    const entry = this.#table.find(id);
    if (count === undefined || entry === undefined) return;
    if (count > 1) this.#counts.set(id, count - 1);
    else this.#counts.delete(id);
    this.#table.drop(entry);
  }

  /** None any more. */
  clear(): void {
    for (const [id, count] of this.#counts) {
      const entry = this.#table.find(id);
      for (let i = 0; entry !== undefined && i < count; i++) this.#table.drop(entry);
    }
    this.#counts.clear();
  }
}
