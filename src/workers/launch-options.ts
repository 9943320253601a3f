/**
 * What may be said about how a worker is started, checked; and whether a spare will do for it.
 * @module
 */
import type { ResourceLimits } from 'node:worker_threads';
import { InvalidOptionError } from '../errors/executor-errors.ts';
import { UnsupportedPlatformError } from '../errors/sync-errors.ts';
import type { LaunchOptions, StartMethod } from './worker-backend.ts';

const METHODS: readonly StartMethod[] = ['warm', 'spawn'];
let ownMethod: StartMethod = 'warm';

/** The ways to start a thread or process, the one that is the default first. **Python** `multiprocessing.get_all_start_methods`. */
export const startMethods = (): StartMethod[] => [...METHODS];

/** How threads and processes are started that say nothing else themselves. **Python** `multiprocessing.get_start_method`. */
export const getStartMethod = (): StartMethod => ownMethod;

/**
 * Sets how this thread starts the threads and processes that say nothing else themselves, from now on.
 *
 * **Python** `multiprocessing.set_start_method`, which may be called once; here each start looks. Node has no `fork()`.
 *
 * @throws InvalidOptionError `ERR_INVALID_OPTION`
 * @example
 * setStartMethod('spawn'); // none gets what another one has left in a spare: there is none
 */
export function setStartMethod(method: StartMethod): void {
  checkMethod(method);
  ownMethod = method;
}

/** Whether a worker that has booted already will do. */
export function takesSpare(options: LaunchOptions): boolean {
  const { execArgv = [], env, resourceLimits, nice, affinity, startMethod = ownMethod } = options;
  const special = env ?? resourceLimits ?? nice ?? affinity;
  return startMethod === 'warm' && special === undefined && execArgv.length === 0;
}

/**
 * The part of some options that is about the start of workers.
 *
 * @throws InvalidOptionError `ERR_INVALID_OPTION`
 * @throws UnsupportedPlatformError `ERR_UNSUPPORTED_PLATFORM` for `affinity`, and `nice` of threads, where there is no Linux
 */
export function launchOptions(kind: string, options: LaunchOptions): LaunchOptions {
  const { execArgv, env, name, resourceLimits, startMethod, nice, affinity } = options;
  if (startMethod !== undefined) checkMethod(startMethod);
  if (execArgv !== undefined && !(Array.isArray(execArgv) && execArgv.every((flag) => typeof flag === 'string')))
    throw new InvalidOptionError(`execArgv must be a list of flags, which are strings, not ${String(execArgv)}.`);
  if (nice !== undefined && !isWhole(nice, MOST_URGENT, LEAST_URGENT))
    throw new InvalidOptionError(`nice must be a whole number from -20 to 19, not ${String(nice)}.`);
  if (affinity !== undefined && !(Array.isArray(affinity) && affinity.length > 0 && affinity.every(isCore)))
    throw new InvalidOptionError(
      `affinity must be a list of numbers of cores, such as [0, 1], not ${String(affinity)}.`,
    );
  if (process.platform !== 'linux' && (affinity !== undefined || (nice !== undefined && kind !== 'process')))
    throw new UnsupportedPlatformError(
      `Only Linux knows the affinity of threads and processes, and the niceness of a thread; this is ${process.platform}.`,
    );
  const given = Object.entries({ execArgv, env, name, resourceLimits, startMethod, nice, affinity });
  return Object.fromEntries(given.filter(([, value]) => value !== undefined));
}

/** Flags by which a process has the limits that a thread would have. */
export function flagsOf({ maxOldGenerationSizeMb, maxYoungGenerationSizeMb, stackSizeMb }: ResourceLimits): string[] {
  const flags: string[] = [];
  if (maxOldGenerationSizeMb !== undefined) flags.push(`--max-old-space-size=${Math.ceil(maxOldGenerationSizeMb)}`);
  // A young generation is three semi-spaces.
  if (maxYoungGenerationSizeMb !== undefined)
    flags.push(`--max-semi-space-size=${Math.max(1, Math.floor(maxYoungGenerationSizeMb / 3))}`);
  if (stackSizeMb !== undefined)
    flags.push(`--stack-size=${Math.max(64, Math.floor(stackSizeMb * 1024) - RESERVE_KB)}`);
  return flags;
}

/** What of a stack is left to native code, as Node does it for threads. */
const RESERVE_KB = 192;
const MOST_URGENT = -20;
const LEAST_URGENT = 19;
/** Cores that a mask has bits for. */
const MOST_CORES = 1024;

const isWhole = (value: unknown, from: number, to: number): boolean =>
  Number.isInteger(value) && (value as number) >= from && (value as number) <= to;
const isCore = (value: unknown): boolean => isWhole(value, 0, MOST_CORES - 1);

function checkMethod(method: unknown): void {
  if (!(METHODS as readonly unknown[]).includes(method))
    throw new InvalidOptionError(`startMethod must be 'warm' or 'spawn', not ${String(method)}.`);
}
