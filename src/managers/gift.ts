/**
 * What one answer gives its client: proxies of objects of this server.
 *
 * How it works  An object that an answer shows is in the table from then on, and held until the answer has been packed. What is packed of it is an id,
 *               by which the client has one reference more.
 * Invariants    An answer that is not sent leaves nothing: what it has added and referred to is taken back.
 * @module
 */
import { EncodeError } from '../errors/encode-error.ts';
import { isIterator, type ManageRules, type ResultRule } from './exposure.ts';
import type { Entry, ObjectTable } from './object-table.ts';
import { ManagedProxy, stateOf, tokenOf } from './proxy.ts';
import type { References } from './references.ts';
import type { Target } from './target.ts';
import type { Wire } from './wire.ts';

/** What a method of the library's returns for an object that is to be managed by its own rules. */
export class Shared {
  readonly object: object;
  readonly rules: ManageRules | undefined;

  constructor(object: object, rules?: ManageRules) {
    this.object = object;
    this.rules = rules;
  }
}

/** What stands for entries while an answer is packed: they are of the class of proxies, which has a name everywhere. */
const granted = new WeakMap<object, Entry>();

/** What stands for an object that the table has. */
export function grant(entry: Entry): object {
  const stand = Object.create(ManagedProxy.prototype) as object;
  granted.set(stand, entry);
  return stand;
}

/** Whose objects they are. */
export interface Giver {
  readonly table: ObjectTable;
  readonly target: Target;
}

/** The proxies of one answer. */
export class Gift implements Wire {
  readonly #giver: Giver;
  readonly #references: References;
  readonly #shown: Entry[] = [];
  readonly #given: Entry[] = [];

  constructor(giver: Giver, references: References) {
    this.#giver = giver;
    this.#references = references;
  }

  /** What goes to the client for a result: itself, or what stands for it. */
  show(value: unknown, rule: ResultRule): unknown {
    if (typeof value !== 'object' || value === null || value instanceof ManagedProxy) return value;
    const { table } = this.#giver;
    if (value instanceof Shared) return this.#grant(table.add(value.object, value.rules));
    if (isIterator(value)) return this.#grant(table.add(value, rulesOfIterator(rule)));
    const known = table.entryOf(value);
    if (known !== undefined) return this.#grant(known);
    if (rule !== 'proxy') return value;
    if (Array.isArray(value)) return value.map((each: unknown) => this.show(each, Array.isArray(each) ? 'own' : rule));
    return this.#grant(table.add(value));
  }

  /** The same for what an iterator gives. */
  showItem(result: unknown, rule: ResultRule): unknown {
    if (rule !== 'proxy' || typeof result !== 'object' || result === null) return result;
    return { ...result, value: this.show((result as { readonly value?: unknown }).value, rule) };
  }

  /** An object of this server becomes an id, and the client has one more reference; that of another becomes what finds it. */
  give(proxy: object): unknown {
    const { table, target } = this.#giver;
    let entry = granted.get(proxy);
    if (entry === undefined) {
      const state = stateOf(proxy);
      entry = table.find(state.object);
      if (entry === undefined && target.family) return tokenOf(state);
    }
    if (entry === undefined) {
      throw new EncodeError(
        'this is a proxy of another manager, whose key would be given away to a client of this one.',
        {
          code: 'ERR_NOT_PORTABLE',
        },
      );
    }
    this.#references.add(entry);
    this.#given.push(entry);
    const { name, methods, properties, iterable, iterator } = entry.exposure.description;
    return [entry.id, name, methods, properties, iterable, iterator];
  }

  /** Nothing comes by an answer. */
  take(): never {
    throw new TypeError('an answer is not read by whoever gives it');
  }

  /** It was packed, or could not be: what the client does not refer to is held no more. */
  packed(): void {
    for (const entry of this.#shown.splice(0)) this.#giver.table.drop(entry);
  }

  /** It was not sent. */
  takeBack(): void {
    for (const { id } of this.#given.splice(0)) this.#references.release(id);
  }

  #grant(entry: Entry): object {
    this.#giver.table.hold(entry);
    this.#shown.push(entry);
    return grant(entry);
  }
}

/** What holds for a result holds for what it yields. */
export function rulesOfIterator(rule: ResultRule): ManageRules {
  const next = ['next'] as readonly string[] as readonly never[];
  return rule === 'frozen' ? {} : rule === 'proxy' ? { proxies: next } : { copies: next };
}
