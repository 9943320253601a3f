/**
 * Checks of options that pools have more than one of.
 * @module
 */
import { InvalidOptionError } from '../errors/executor-errors.ts';

/** Checks a number of milliseconds. */
export function duration(value: unknown, name: string): number {
  if (typeof value === 'number' && value > 0) return value;
  throw new InvalidOptionError(`${name} must be a number of milliseconds above 0, not ${inWords(value)}.`);
}

/** Checks an option that counts something. */
export function counting(value: unknown, name: string): number {
  if (Number.isSafeInteger(value) && (value as number) >= 1) return value as number;
  throw new InvalidOptionError(`${name} must be a whole number of at least 1, not ${inWords(value)}.`);
}

/** A value in an error message. */
export function inWords(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`;
  if (typeof value === 'object' && value !== null) return value instanceof Date ? 'an invalid Date' : 'an object';
  return typeof value === 'function' ? 'a function' : String(value);
}
