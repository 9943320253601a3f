/**
 * `advise()`: measures a function and says how it had better be run.
 * @module
 */
import { InvalidOptionError } from '../errors/executor-errors.ts';
import { cpuCount } from '../workers/cpu-count.ts';
import type { Advice } from './advice.ts';
import { TrialInputs } from './inputs.ts';

/** Options of `advise`. */
export interface AdviseOptions {
  /** Milliseconds that the trial may take, default 3000. */
  readonly budget?: number;
  /** Calls that it may make, default 100,000. */
  readonly limit?: number;
  /** Workers at most, 1 to 200, default 64. */
  readonly maxWorkers?: number;
  /** Ends the trial; `advise` rejects with its reason. */
  readonly signal?: AbortSignal;
  /** What the function is called in the lines of code, when its own name will not do. */
  readonly name?: string;
  /** The module that it is an export of, as `manyhands map` wants it: `./work.ts#resize`. */
  readonly module?: string;
}

const BUDGET = 3000;
const LIMIT = 100_000;
const MAX_WORKERS = 64;
/** Milliseconds of the budget that ending all workers may take. */
const TO_END = 100;
const LEAST_BUDGET = 100;

/**
 * Runs a function on a sample of its inputs for a few seconds, one by one and on several threads and processes, and answers how it had better be
 * run: without a pool, on so many threads, with so many tasks each, on processes; why, how much faster that is, and how sure that is.
 *
 * The function is really called, up to `limit` times, and what it does besides returning is really done. Inputs are used again when there are
 * fewer than calls. It runs on workers only, so that a call which never ends does no harm.
 *
 * **Python** has no counterpart.
 *
 * @throws NoAdviceError `ERR_NO_ADVICE`: no call came to an end, or all of them failed
 * @throws EncodeError when the function or an input cannot travel
 * @throws InvalidOptionError `ERR_INVALID_OPTION`
 * @example
 * const advice = await advise(resize, images.slice(0, 100));
 * console.log(advice.sentence);
 * console.log(advice.code);
 */
export async function advise<I>(
  fn: (input: I) => unknown,
  inputs: Iterable<I>,
  options: AdviseOptions = {},
): Promise<Advice> {
  const { budget = BUDGET, limit = LIMIT, maxWorkers = MAX_WORKERS, module = './work.ts', signal } = options;
  if (typeof fn !== 'function') throw new InvalidOptionError(`advise wants a function, not ${describe(fn)}.`);
  if (typeof budget !== 'number' || !(budget >= LEAST_BUDGET)) {
    throw new InvalidOptionError(
      `budget must be a number of milliseconds of at least ${LEAST_BUDGET}, not ${String(budget)}.`,
    );
  }
  whole(limit, 'limit', Infinity);
  whole(maxWorkers, 'maxWorkers', 200);
  if (typeof inputs !== 'object' || inputs === null || !(Symbol.iterator in inputs)) {
    throw new InvalidOptionError(`advise wants inputs that can be iterated, not ${describe(inputs)}.`);
  }
  const sample = new TrialInputs(inputs, limit);
  if (sample.size === 0) throw new InvalidOptionError('advise wants at least one input.');
  const cores = cpuCount();
  signal?.throwIfAborted();
  const { answer } = await import('./answer.ts');
  const subject = { cores, fn: options.name ?? (fn.name || 'fn'), module };
  return answer(fn, sample, { budget: budget - TO_END, maxWorkers, cores, signal }, subject);
}

function whole(value: unknown, name: string, most: number): void {
  if ((Number.isInteger(value) || value === Infinity) && (value as number) >= 1 && (value as number) <= most) return;
  const range = most === Infinity ? 'of at least 1' : `from 1 to ${most}`;
  throw new InvalidOptionError(`${name} must be a whole number ${range}, not ${String(value)}.`);
}

const describe = (value: unknown): string => (value === null ? 'null' : `something of type ${typeof value}`);
