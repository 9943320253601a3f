/**
 * The root of every error that this library raises.
 *
 * `code` is stable: programs may switch on it. The message is for people and may change. The brand is a registered
 * symbol, so `instanceof` also holds between two copies of the library in one program.
 * @module
 */

const BRAND = Symbol.for('manyhands.error');

/** Puts the class's name on its prototype, where `Error` keeps it, so that it is no field of each error. */
export function nameError(errorClass: { readonly prototype: Error }, name: string): void {
  Object.defineProperty(errorClass.prototype, 'name', { value: name, configurable: true, writable: true });
}

/** Options common to all errors of the library. */
export interface ManyhandsErrorOptions extends ErrorOptions {
  /** Stable code, `ERR_…`. */
  readonly code?: string;
}

/**
 * An error raised by manyhands itself, as opposed to one thrown by a task.
 *
 * **Python** has no common root; `concurrent.futures._base.Error` comes nearest.
 */
export class ManyhandsError extends Error {
  /** Stable code, `ERR_…`. */
  readonly code: string;

  static {
    Object.defineProperty(this.prototype, BRAND, { value: true });
    nameError(this, 'ManyhandsError');
  }

  constructor(message: string, options: ManyhandsErrorOptions = {}) {
    super(message, options);
    this.code = options.code ?? 'ERR_MANYHANDS';
  }

  static override [Symbol.hasInstance](this: Function, value: unknown): boolean {
    if (Function.prototype[Symbol.hasInstance].call(this, value)) return true;
    // A subclass without a name of its own is the program's: there is no other copy of it to recognise.
    if (!Object.hasOwn(this.prototype, 'name')) return false;
    if (typeof value !== 'object' || value === null || !(BRAND in value)) return false;
    for (let proto = Object.getPrototypeOf(value); proto !== null; proto = Object.getPrototypeOf(proto)) {
      if (Object.hasOwn(proto, 'name') && proto.name === this.prototype.name) return true;
    }
    return false;
  }
}
