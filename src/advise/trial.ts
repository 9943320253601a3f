/**
 * The trial: tries settings within a budget, the more promising ones more often.
 *
 * How it works  1. A first look, one by one, says what kind of work it is, and so which settings are worth trying.
 *               2. Series of settings are gone through; those that might go on for ever are left at a step that brings less than a tenth.
 *               3. All that was tried is run in turns, forth and back, in short slices, so that a slow moment of the machine hits all; who is
 *                  clearly behind drops out. It ends when one is clearly ahead, or the time or the calls are used up.
 * Source        Successive halving (Karnin, Koren, Somekh, "Almost Optimal Exploration in Multi-Armed Bandits", 2013).
 * @module
 */
import { NoAdviceError } from '../errors/advice-error.ts';
import type { Pool } from '../executors/pool.ts';
import type { SpreadFigures } from '../pool/insights/spread.ts';
import { containerShare, type ContainerShare } from './container.ts';
import { Contender, type Work } from './contender.ts';
import { curfewAt } from './curfew.ts';
import { type FirstLook, firstLook } from './first-look.ts';
import type { TrialInputs } from './inputs.ts';
import { TrialPools } from './pools.ts';
import { isShort, seriesFor, type Tried } from './series.ts';
import { isOne, type Setting, type SettingKind } from './setting.ts';
import { whyNoProcesses } from './why-no-processes.ts';

/** What bounds a trial. */
export interface TrialOptions {
  /** Milliseconds. */
  readonly budget: number;
  /** Workers at most. */
  readonly maxWorkers: number;
  readonly cores: number;
  readonly signal: AbortSignal | undefined;
}

/** A setting and the tasks a second that it got done. */
export interface Measured {
  readonly setting: Setting;
  readonly rates: readonly number[];
  /** Milliseconds that a call computed. */
  readonly cpu: readonly number[];
  /** Share of a call's time that it waited for locks and queues. */
  readonly locks: readonly number[];
  /** Of one thread with one call at a time: calls a second in each slice, without the way there and back. */
  readonly alone: readonly number[];
  /** Milliseconds from submitting to the result, of the calls that were submitted one by one. */
  readonly latency: SpreadFigures | undefined;
}

/** What a trial has found. */
export interface TrialResult {
  readonly look: FirstLook;
  readonly measured: readonly Measured[];
  /** Bytes that a worker uses. */
  readonly memory: Readonly<Record<Exclude<SettingKind, 'none'>, number | undefined>>;
  /** Why nothing was tried with processes, if nothing was. */
  readonly noProcesses: Error | undefined;
  /** What the container allows, and for how long it has stopped its programs meanwhile; undefined: not known. */
  readonly container: ContainerShare | undefined;
  /** Milliseconds that it took. */
  readonly took: number;
}

/** Share of the budget for the first look. */
const LOOK = 0.2;
/** Share that is gone before the settings are compared again and again. */
const CLIMB = 0.65;
/** Share in which workers that are new get warm: the engine compiles what computes. */
const WARM_UP = 0.05;
/** Milliseconds of a slice, at least. */
const SLICE = 60;
/** Of tasks that are mapped: it takes a moment until all workers have enough of them, and to end together. */
const SLICE_OF_SHORT = 120;
/** A step of a series has to bring so much more. */
const STEP = 1.1;
/** Who has less than this share of the best drops out. */
const BEHIND = 0.8;
/** One thread is what all others are compared with: it stays longer. */
const FAR_BEHIND = 0.5;
/** After the first slice, in which it may not have been warm yet, only such a share makes anybody drop out, and one thread. */
const HOPELESS = 0.3;
const HOPELESS_ONE = 0.1;
/** Slices before somebody may drop out. */
const ROUNDS = 2;
/** Rounds after which it may be over before its time. */
const SURE = 4;
/** Within this share of the best, one is as good as that. */
const AS_GOOD = 0.96;

/**
 * Runs the trial.
 *
 * @throws EncodeError when the function or its inputs cannot travel
 * @throws NoAdviceError when no call came to an end, or all have failed
 */
export async function runTrial<I>(work: Work<I>, inputs: TrialInputs<I>, options: TrialOptions): Promise<TrialResult> {
  const begin = performance.now();
  const container = containerShare();
  const end = begin + options.budget;
  const { signal } = options;
  const look = await firstLook(work, inputs, { lasts: options.budget * LOOK, end, signal });
  if (look.profile.failed === look.profile.measured) {
    const { thrown } = look.error ?? {};
    const first = thrown instanceof Error ? ` The first said: ${thrown.message}` : '';
    throw new NoAdviceError(
      `Every call has failed, so there is nothing to be said of how long they take.${first}`,
      thrown,
    );
  }
  const noProcesses = await whyNoProcesses(work, inputs.first);
  const pools = new TrialPools();
  const curfew = curfewAt(end, signal, () => void pools.end());
  const contenders: Contender<I>[] = [];
  const warm = new Set<Pool>();
  const enter = async (setting: Setting, ms: number): Promise<Contender<I> | undefined> => {
    if (pools.ended || performance.now() >= end || inputs.left <= 0) return undefined;
    const contender = new Contender(setting, pools.for(setting), work, inputs, look.profile);
    const isCold = !warm.has(contender.pool);
    // What awaits runs little of itself in a while.
    const share = setting.tasksPerWorker > 1 ? 2 * WARM_UP : WARM_UP;
    await contender.warmUp(isCold ? options.budget * share : 0);
    warm.add(contender.pool);
    if (!(await contender.slice(ms))) return undefined;
    contenders.push(contender);
    return contender;
  };
  const slice = Math.max(isShort(look.profile) ? SLICE_OF_SHORT : SLICE, look.profile.ran);
  const climbUntil = begin + options.budget * CLIMB;
  try {
    const allSeries = seriesFor(look.profile, options);
    for (let next = allSeries.next([]); next.done !== true; ) {
      const { settings, climbs } = next.value;
      const tried: Tried[] = [];
      for (const setting of settings) {
        if (performance.now() >= climbUntil && tried.length > 0) break;
        if (setting.kind !== 'thread' && noProcesses !== undefined) continue;
        const contender = await enter(setting, slice);
        if (contender === undefined) break;
        const least = climbs ? (tried.at(-1)?.rate ?? 0) * STEP : 0;
        // Twice, before a series is left: the first time it may not have been warm.
        if ((contender.rates.at(-1) as number) < least && !(await contender.slice(slice))) break;
        const rate = contender.rates.at(-1) as number;
        tried.push({ setting, rate });
        if (rate < least) break;
      }
      next = allSeries.next(tried);
    }
    const ofProcess = await pools.askProcess();
    await compare(contenders, slice, end);
    signal?.throwIfAborted();
    const memory = {
      thread: pools.memoryOf('thread') ?? look.memory,
      process: pools.memoryOf('process') ?? ofProcess,
      hybrid: pools.memoryOf('hybrid'),
    };
    const took = performance.now() - begin;
    return { look, measured: contenders, memory, noProcesses, container: containerSince(container), took };
  } finally {
    curfew.cancel();
    await pools.end();
  }
}

function containerSince(before: ContainerShare | undefined): ContainerShare | undefined {
  const now = containerShare();
  return now === undefined ? undefined : { ...now, stopped: now.stopped - (before?.stopped ?? 0) };
}

async function compare<I>(contenders: readonly Contender<I>[], slice: number, end: number): Promise<void> {
  const first = Math.max(...contenders.map(({ rate }) => rate.value));
  let left = contenders.filter(({ rate, setting }) => rate.value >= first * (isOne(setting) ? HOPELESS_ONE : HOPELESS));
  for (let round = 0; left.length > 0; round++) {
    for (const contender of round % 2 === 0 ? left.toReversed() : left) {
      if (performance.now() + slice / 2 >= end) return;
      if (!(await contender.slice(slice))) return;
    }
    const best = Math.max(...left.map(({ rate }) => rate.value));
    left = left.filter(
      ({ rates, rate, setting }) => rates.length < ROUNDS || rate.high >= best * (isOne(setting) ? FAR_BEHIND : BEHIND),
    );
    if (round + 1 >= SURE && isClear(left)) return;
  }
}

/** Whether each is as good as the best, or surely worse. */
function isClear<I>(contenders: readonly Contender<I>[]): boolean {
  const rates = contenders.map(({ rate }) => rate);
  const best = rates.reduce((most, rate) => (rate.value > most.value ? rate : most));
  return rates.every(({ value, high }) => value >= best.value * AS_GOOD || high < best.low);
}
