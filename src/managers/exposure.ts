/**
 * What an object shows to others: which methods and properties, and what becomes of their results.
 *
 * How it works  The public names along the prototype chain, up to what all objects have; or those that the user lists. A name that begins with
 *               `_` is private, and so is what every object has: nobody calls `constructor` from afar. A name is looked up here before the
 *               object is touched, so `__proto__` and its like lead nowhere.
 * @module
 */
import { types } from 'node:util';
import { InvalidOptionError } from '../errors/executor-errors.ts';
import { ManagerError } from '../errors/manager-errors.ts';
import type { Description } from './target.ts';

/** How an object is managed. */
export interface ManageRules<T = object, P extends keyof T = keyof T, C extends keyof T = keyof T> {
  /** What may be used. Default: all public methods and properties, and iteration; a name that begins with `_` is private. */
  readonly expose?: readonly (keyof T)[] | undefined;
  /** What gives proxies: what it returns, or yields, stays where it is. `Symbol.iterator` is for iterating over the object. */
  readonly proxies?: readonly P[] | undefined;
  /** What gives copies that the caller may change, since nobody else has what it returns or yields. */
  readonly copies?: readonly C[] | undefined;
}

/** What becomes of a result. */
export type ResultRule = 'frozen' | 'own' | 'proxy';

/** What stands for iterating over an object, among names. */
export const ITERATION = '@@iterator';

/** What all objects have, and what JavaScript calls of its own accord. `then` would make a proxy look like a promise. */
const NEVER = new Set(['constructor', 'then', '__proto__']);
const BY_LANGUAGE = new Set(['toString', 'toLocaleString', 'valueOf', 'toJSON']);

/** What one object shows. */
export class Exposure {
  readonly description: Description;
  readonly #methods: ReadonlySet<string>;
  readonly #properties: ReadonlySet<string>;
  readonly #rules = new Map<string, ResultRule>();

  /** @throws InvalidOptionError `ERR_INVALID_OPTION` */
  constructor(object: object, rules: ManageRules = {}) {
    const { name } = (object as { constructor?: { name?: unknown } }).constructor ?? {};
    const iterator = isIterator(object);
    const expose = namesOnly('expose', rules.expose);
    const { methods, properties } = iterator ? OF_ITERATORS(object) : namesOf(object, expose);
    this.#methods = new Set(methods);
    this.#properties = new Set(properties);
    const iterates = Symbol.asyncIterator in object || Symbol.iterator in object;
    const iterable = iterator || (iterates && expose?.includes(ITERATION) !== false);
    this.description = { name: typeof name === 'string' ? name : 'Object', methods, properties, iterable, iterator };
    for (const each of namesOnly('proxies', rules.proxies) ?? []) this.#rule('proxies', each, 'proxy');
    for (const each of namesOnly('copies', rules.copies) ?? []) this.#rule('copies', each, 'own');
  }

  /** What becomes of what a method returns. */
  ruleOf(name: string): ResultRule {
    return this.#rules.get(name) ?? 'frozen';
  }

  /** @throws ManagerError `ERR_NOT_EXPOSED` */
  checkMethod(name: string): void {
    if (!this.#methods.has(name)) throw notExposed(this.description, `no method ${shown(name)} to call`);
  }

  /** @throws ManagerError `ERR_NOT_EXPOSED` */
  checkProperty(name: string): void {
    if (!this.#properties.has(name)) throw notExposed(this.description, `no property ${shown(name)}`);
  }

  /** @throws ManagerError `ERR_NOT_EXPOSED` */
  checkIterable(): void {
    if (!this.description.iterable) throw notExposed(this.description, 'nothing to iterate over');
  }

  #rule(option: string, name: string, rule: ResultRule): void {
    const there = this.#methods.has(name) || this.#properties.has(name);
    if (!there && !(name === ITERATION && this.description.iterable)) {
      throw new InvalidOptionError(`${option} names '${name}', which this object does not show.`);
    }
    this.#rules.set(name, rule);
  }
}

/** Whether an object is what iterating gives. */
export function isIterator(value: unknown): value is Iterator<unknown> | AsyncIterator<unknown> {
  if (typeof value !== 'object' || value === null || types.isProxy(value)) return false;
  return (
    (Symbol.iterator in value || Symbol.asyncIterator in value) &&
    typeof (value as { next?: unknown }).next === 'function'
  );
}

const shown = (name: string): string => `'${name.length > 60 ? `${name.slice(0, 60)}…` : name}'`;

/** The refusal of a name, which says what there is. */
export function notExposed({ name, methods, properties }: Description, what: string): ManagerError {
  const listed = (title: string, names: readonly string[]): string =>
    names.length === 0 ? '' : `${title}: ${names.join(', ')}. `;
  const there = `${listed('Methods', methods)}${listed('Properties', properties)}`;
  const private_ = 'Names that begin with _ are private; `expose` may leave out others.';
  return new ManagerError(`A managed ${name} shows ${what}. ${there}${private_}`, { code: 'ERR_NOT_EXPOSED' });
}

interface Names {
  readonly methods: readonly string[];
  readonly properties: readonly string[];
}

const OF_ITERATORS = (object: object): Names => ({
  methods: ['next', 'return', 'throw'].filter(
    (name) => typeof (object as Record<string, unknown>)[name] === 'function',
  ),
  properties: [],
});

function namesOf(object: object, expose: readonly string[] | undefined): Names {
  const methods = new Set<string>();
  const properties = new Set<string>();
  const all = new Map<string, 'method' | 'property'>();
  for (let each: object | null = object; each !== null && !isRoot(each); each = Object.getPrototypeOf(each)) {
    for (const [name, property] of Object.entries(Object.getOwnPropertyDescriptors(each))) {
      if (all.has(name) || name.startsWith('_') || NEVER.has(name)) continue;
      if (each !== object || property.enumerable === true || !Array.isArray(object) || name === 'length')
        all.set(name, typeof property.value === 'function' ? 'method' : 'property');
    }
  }
  for (const name of expose ?? all.keys()) {
    if (name === ITERATION) continue;
    const kind = all.get(name);
    if (kind === undefined) {
      const why = name.startsWith('_') || NEVER.has(name) ? 'which is private' : 'which the object does not have';
      throw new InvalidOptionError(`expose names '${name}', ${why}. It has: ${[...all.keys()].join(', ')}.`);
    }
    if (expose === undefined && (BY_LANGUAGE.has(name) || (Array.isArray(object) && /^\d+$/.test(name)))) continue;
    if (kind === 'method') methods.add(name);
    else properties.add(name);
  }
  return { methods: [...methods], properties: [...properties] };
}

/** `Object.prototype`, of this context or another. */
const isRoot = (object: object): boolean =>
  object === Object.prototype || (Object.getPrototypeOf(object) === null && Object.hasOwn(object, 'isPrototypeOf'));

/** A list of names, in which that of iteration is a text: symbols do not travel. @throws InvalidOptionError */
export function namesOnly(option: string, names: unknown): string[] | undefined {
  if (names === undefined) return undefined;
  const list = Array.isArray(names)
    ? names.map((each: unknown) => (each === Symbol.iterator || each === Symbol.asyncIterator ? ITERATION : each))
    : [undefined];
  if (list.every((each) => typeof each === 'string')) return list;
  throw new InvalidOptionError(`${option} must be a list of names.`);
}
