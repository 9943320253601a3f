/**
 * Numbers that count something.
 * @module
 */
import { inspect } from 'node:util';
import { InvalidOptionError } from '../errors/executor-errors.ts';

/**
 * @param instead what to write, for whoever has passed an object there
 * @throws InvalidOptionError `ERR_INVALID_OPTION` unless the value is a whole number in the range
 */
export function wholeNumber(name: string, value: number, least: number, most: number, instead?: string): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  const hint = instead !== undefined && typeof value === 'object' && value !== null ? ` Write ${instead}.` : '';
  const what = inspect(value, { depth: 0 });
  throw new InvalidOptionError(`${name} must be a whole number from ${least} to ${most}; it is ${what}.${hint}`);
}
