/**
 * Options that both sides of a connection have.
 * @module
 */
import { Buffer } from 'node:buffer';
import { inspect } from 'node:util';
import { InvalidOptionError } from '../errors/executor-errors.ts';
import { type Allow, AllowList } from './allow-list.ts';

/** What both sides say. */
export interface ConnectionOptions {
  /**
   * The secret that both sides have, 32 random bytes at best; text is taken as UTF-8, and an empty one is a key too. `null` is no
   * key: whoever reaches the address may talk, which is for sockets in a folder of your own, or for TLS with client
   * certificates. It has to be said.
   */
  readonly authKey: string | Uint8Array | null;
  /** Longest message that this side takes, bytes; 64 MiB by default, 2 GiB at most. The other side is told. */
  readonly maxMessage?: number | undefined;
  /** What the other side may name in a message: functions by `task()`, modules. Nothing by default. */
  readonly allow?: Allow | undefined;
}

/** Options, checked. */
export interface CheckedOptions {
  readonly key: Uint8Array | null;
  readonly maxMessage: number;
  readonly allow: AllowList;
}

const MAX_MESSAGE = 64 * 1024 * 1024;
const LARGEST = 2 ** 31 - 1;

/** @throws InvalidOptionError `ERR_INVALID_OPTION` */
export function checkOptions({ authKey, maxMessage, allow }: ConnectionOptions): CheckedOptions {
  return {
    key: keyOf(authKey),
    maxMessage: wholeNumber('maxMessage', maxMessage, MAX_MESSAGE, LARGEST),
    allow: new AllowList(allow),
  };
}

function keyOf(authKey: unknown): Uint8Array | null {
  if (authKey === null) return null;
  if (typeof authKey === 'string') return Buffer.from(authKey, 'utf8');
  if (authKey instanceof Uint8Array) return Uint8Array.from(authKey);
  const found = authKey === undefined ? 'there is none' : `it is of type ${typeof authKey}`;
  throw new InvalidOptionError(
    `authKey must be a string or bytes that both sides know; ${found}. To let in everybody who reaches the address, say authKey: null.`,
  );
}

/** A number of things, or the default. @throws InvalidOptionError `ERR_INVALID_OPTION` */
export function wholeNumber(name: string, value: unknown, byDefault: number, most: number): number {
  if (value === undefined) return byDefault;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= most) return value;
  throw new InvalidOptionError(`${name} must be a whole number from 1 to ${most}; it is ${inspect(value)}.`);
}

/** A number of milliseconds, or the default. @throws InvalidOptionError `ERR_INVALID_OPTION` */
export function milliseconds(name: string, value: unknown, byDefault: number): number {
  if (value === undefined) return byDefault;
  if (typeof value === 'number' && value >= 0) return value;
  throw new InvalidOptionError(`${name} must be a number of milliseconds, 0 or more; it is ${inspect(value)}.`);
}
