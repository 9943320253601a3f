/**
 * The `this` of the function around an arrow: it cannot be sent, and V8 does not show what it is.
 *
 * Refused when packing where the text alone tells; otherwise this object stands for it, and touching it says so.
 * @module
 */
import { EncodeError } from '../errors/encode-error.ts';

/** Said when packing, or when the function runs. */
export const lexicalThisMessage =
  "this arrow function uses the 'this' of the function around it, which cannot be sent. " +
  'Put it in a variable first (const self = this), or pass it as an argument.';

const refuse = (): never => {
  throw new EncodeError(lexicalThisMessage, { code: 'ERR_LEXICAL_THIS' });
};

/** Throws `ERR_LEXICAL_THIS` whatever is done with it. */
export const lexicalThis: object = new Proxy({}, new Proxy({}, { get: () => refuse }));
