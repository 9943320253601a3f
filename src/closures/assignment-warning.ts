/**
 * Warns when a function that travels by value assigns to a captured variable: only the copy changes.
 * @module
 */
import { BoundedMap } from './bounded-map.ts';

const MAX_PLACES = 1000;
const warned = new BoundedMap<string, true>(MAX_PLACES);

/** Warns once for each variable of each function. */
export function warnOfAssignment(url: string, line: number, variable: string, functionName: unknown): void {
  const place = `${url}:${line + 1}`;
  const key = `${place} ${variable}`;
  if (warned.get(key) === true) return;
  warned.set(key, true);
  const who = typeof functionName === 'string' && functionName !== '' ? functionName : 'A function';
  process.emitWarning(
    `${who} (${place}) assigns to the captured variable '${variable}'. It is sent by value, so this changes only the copy in ` +
      `the worker: the variable here stays as it is, and each sending starts from its value here. Return the result instead, ` +
      `or use a shared object.`,
    { type: 'ManyhandsWarning', code: 'MANYHANDS_CAPTURED_ASSIGNMENT' },
  );
}
