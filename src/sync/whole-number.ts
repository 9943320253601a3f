/**
 * Numbers that count something.
 * @module
 */
import { InvalidOptionError } from '../errors/executor-errors.ts';

/** @throws InvalidOptionError `ERR_INVALID_OPTION` unless the value is a whole number in the range */
export function wholeNumber(name: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new InvalidOptionError(`${name} must be a whole number from ${least} to ${most}; it is ${String(value)}.`);
}
