/**
 * A managed namespace: names and values that live in their manager.
 * @module
 */
import { InvalidOptionError } from '../errors/executor-errors.ts';
import type { Frozen } from './managed.ts';

/** Names and values, for proxies: see `ManagedNamespace`. */
export class Namespace {
  readonly #values: Map<string, unknown>;

  constructor(values: Readonly<Record<string, unknown>> = {}) {
    this.#values = new Map(Object.entries(values));
    for (const name of this.#values.keys()) check(name);
  }

  get(name: string): unknown {
    return this.#values.get(check(name));
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  set(name: string, value: unknown): void {
    this.#values.set(check(name), value);
  }

  assign(values: Readonly<Record<string, unknown>>): void {
    for (const name of Object.keys(values)) check(name);
    for (const [name, value] of Object.entries(values)) this.#values.set(name, value);
  }

  delete(name: string): boolean {
    return this.#values.delete(check(name));
  }

  names(): string[] {
    return [...this.#values.keys()];
  }

  toObject(): Record<string, unknown> {
    return Object.fromEntries(this.#values);
  }
}

function check(name: string): string {
  if (typeof name === 'string' && name !== '' && !name.startsWith('_')) return name;
  throw new InvalidOptionError(
    `A name of a managed namespace is a text that does not begin with _, which marks what is private; it is ${JSON.stringify(name)}.`,
  );
}

/**
 * Names and values, as a proxy shows them: `await manager.namespace()`.
 *
 * **Python** `SyncManager.Namespace`; there `ns.x` reads and `ns.x = 1` writes, which here could not be awaited.
 */
export interface ManagedNamespace<T extends object> extends AsyncDisposable {
  get<K extends keyof T & string>(name: K): Promise<Frozen<T[K]>>;
  has(name: string): Promise<boolean>;
  set<K extends keyof T & string>(name: K, value: T[K]): Promise<void>;
  /** Sets several. */
  assign(values: Partial<T>): Promise<void>;
  delete(name: keyof T & string): Promise<boolean>;
  names(): Promise<readonly string[]>;
  toObject(): Promise<Frozen<T>>;
}
