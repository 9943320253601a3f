/**
 * What a call on a lock or its kin comes to, in words that both sides of a comparison use, and in numbers that travel.
 * @module
 */
import { Hold } from '../../../src/index.ts';

/** `waits`, `held`, `yes`, `no`, `done`, `number N`, or the code of an error. */
export type Outcome = string;

const OUTCOMES: readonly Outcome[] = [
  'not begun',
  'waits',
  'held',
  'yes',
  'no',
  'done',
  'GIVEN_UP',
  'ACTION_FAILED',
  'ERR_BROKEN_BARRIER',
  'ERR_DEADLOCK',
  'ERR_INVALID_OPTION',
  'ERR_INVALID_STATE',
  'ERR_NOT_HELD',
  'ERR_OWNER_DIED',
  'ERR_TIMEOUT',
];
const NUMBER = 1000;
const UNKNOWN = 999;

/** An error that says nothing but a code. */
export const coded = (code: string): Error => Object.assign(new Error(code), { code });

/** The outcome of a call that returned. */
export function outcomeOf(result: unknown): Outcome {
  if (result instanceof Hold) return 'held';
  if (typeof result === 'number') return `number ${result}`;
  if (result === undefined) return 'done';
  return result === true ? 'yes' : 'no';
}

/** The outcome of a call that failed. */
export function outcomeOfError(error: unknown): Outcome {
  const { code, stack } = error as { readonly code?: string; readonly stack?: string };
  return code ?? stack ?? 'failed';
}

/** An outcome as a number. */
export function toNumber(outcome: Outcome): number {
  if (outcome.startsWith('number ')) return NUMBER + Number(outcome.slice(7));
  const found = OUTCOMES.indexOf(outcome);
  return found < 0 ? UNKNOWN : found;
}

/** What a number stands for. */
export const fromNumber = (number: number): Outcome =>
  number >= NUMBER ? `number ${number - NUMBER}` : (OUTCOMES[number] ?? 'something else');

/** Which number each party of a barrier gets is up to the barrier. */
export const plainOutcome = (outcome: Outcome): Outcome => (outcome.startsWith('number ') ? 'number' : outcome);
