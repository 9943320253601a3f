/**
 * How a class says itself how it travels, and its instances do.
 *
 * Both are registered symbols, so that any package may implement them without importing this one. They may be inherited: a
 * base class defines them once, and `unpack` is called with `this` set to the instance's own class.
 * @module
 */

/**
 * Key of a static method that gives an instance's data: `static [packSymbol](obj, destination) { return data; }`.
 * `destination` is 'thread' or 'process'; an `EncodeError` that the method throws is raised at submit, with its path.
 *
 * **Python** `object.__getstate__` / `__reduce__`, which are methods of the instance.
 *
 * Needed when a class has private (#) fields, which cannot be read from outside.
 *
 * @example
 * class Secret {
 *   #value;
 *   constructor(value) { this.#value = value; }
 *   static [packSymbol](secret) { return secret.#value; }
 *   static [unpackSymbol](value) { return new this(value); }
 * }
 */
export const packSymbol: unique symbol = Symbol.for('manyhands.pack') as never;

/**
 * Key of a static method that makes an instance anew from its data: `static [unpackSymbol](data) { return new this(data); }`.
 *
 * **Python** `object.__setstate__`.
 */
export const unpackSymbol: unique symbol = Symbol.for('manyhands.unpack') as never;

/**
 * Key of a static method that tells whether data which `[packSymbol]` gave stays what it is, whatever becomes of the instance: a place in
 * memory that threads share. A function that captures nothing else that may change is packed once.
 */
export const constantSymbol: unique symbol = Symbol.for('manyhands.constant') as never;

/**
 * Key of an own property by which a class that a function has made says so: where it travels to, the call is made again.
 * Its value is a `Made`.
 */
export const madeSymbol: unique symbol = Symbol.for('manyhands.made') as never;

/** The call that made a class. */
export interface Made {
  readonly [madeSymbol]: { readonly by: Function; readonly from: readonly unknown[] };
}
