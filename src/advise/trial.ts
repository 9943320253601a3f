/**
 * The trial: tries settings within a budget, the more promising ones more often.
 *
 * How it works  1. A first look, one by one, says what kind of work it is, and so which settings are worth trying.
 *               2. Series that might go on for ever, more workers for what blocks and more tasks at once for what awaits, are climbed until a
 *                  step brings less than a tenth.
 *               3. All that was tried is run in turns, forth and back, in short slices, so that a slow moment of the machine hits all; who is
 *                  clearly behind drops out. It ends when one is clearly ahead, or the time or the calls are used up.
 * Source        Successive halving (Karnin, Koren, Somekh, "Almost Optimal Exploration in Multi-Armed Bandits", 2013).
 * @module
 */
import { NoAdviceError } from '../errors/advice-error.ts';
import { Contender, type Work } from './contender.ts';
import { curfewAt } from './curfew.ts';
import { type FirstLook, firstLook } from './first-look.ts';
import type { TrialInputs } from './inputs.ts';
import { TrialPools } from './pools.ts';
import type { Setting } from './setting.ts';
import type { TaskProfile } from './task-figures.ts';
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
}

/** What a trial has found. */
export interface TrialResult {
  readonly look: FirstLook;
  readonly measured: readonly Measured[];
  /** Bytes that a worker uses. */
  readonly memory: { readonly thread: number | undefined; readonly process: number | undefined };
  /** Why nothing was tried with processes, if nothing was. */
  readonly noProcesses: Error | undefined;
  /** Milliseconds that it took. */
  readonly took: number;
}

/** Share of the budget for the first look. */
const LOOK = 0.2;
/** Share that is gone before the settings are compared again and again. */
const CLIMB = 0.65;
/** Milliseconds of a slice, at least. */
const SLICE = 60;
/** A step of a series has to bring so much more. */
const STEP = 1.1;
/** Who has less than this share of the best drops out. */
const BEHIND = 0.8;
/** Slices before somebody may drop out. */
const ROUNDS = 2;
/** Rounds after which it may be over before its time. */
const SURE = 4;
/** Within this share of the best, one is as good as that. */
const AS_GOOD = 0.96;
/** Milliseconds below which a task is tiny. */
const TINY = 1;
/** Share of a task's time that makes a series worthwhile. */
const MUCH = 0.2;
/** Tasks that may be under way on one worker at most. */
const MOST_AT_ONCE = 1024;

/**
 * Runs the trial.
 *
 * @throws EncodeError when the function or its inputs cannot travel
 * @throws NoAdviceError when no call came to an end, or all have failed
 */
export async function runTrial<I>(work: Work<I>, inputs: TrialInputs<I>, options: TrialOptions): Promise<TrialResult> {
  const begin = performance.now();
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
  const enter = async (setting: Setting, ms: number): Promise<Contender<I> | undefined> => {
    if (pools.ended || performance.now() >= end || inputs.left <= 0) return undefined;
    const contender = new Contender(setting, pools.for(setting), work, inputs);
    await contender.warmUp();
    if (!(await contender.slice(ms))) return undefined;
    contenders.push(contender);
    return contender;
  };
  const slice = Math.max(SLICE, look.profile.ran);
  const climbUntil = begin + options.budget * CLIMB;
  try {
    for (const series of seriesFor(look.profile, options)) {
      let before = 0;
      for (const setting of series.settings) {
        if (performance.now() >= climbUntil && before > 0) break;
        if (setting.kind === 'process' && noProcesses !== undefined) continue;
        const contender = await enter(setting, slice);
        const rate = contender?.rate.value ?? 0;
        if (contender === undefined || (series.climbs && rate < before * STEP)) break;
        before = rate;
      }
    }
    await compare(contenders, slice, end);
    signal?.throwIfAborted();
    const memory = { thread: pools.memoryOf('thread'), process: pools.memoryOf('process') };
    const measured = contenders.map(({ setting, rates, cpu }) => ({ setting, rates, cpu }));
    return { look, measured, memory, noProcesses, took: performance.now() - begin };
  } finally {
    curfew.cancel();
    await pools.end();
  }
}

interface Series {
  readonly settings: readonly Setting[];
  /** Whether it is left when a step brings little. */
  readonly climbs: boolean;
}

function seriesFor(profile: TaskProfile, { cores, maxWorkers }: TrialOptions): Series[] {
  const { ran, awaiting, blocked, locks } = profile;
  const chunked = ran < TINY && awaiting < ran / 2;
  const of = (kind: Setting['kind'], workers: number, tasksPerWorker = 1): Setting => ({
    kind,
    workers,
    tasksPerWorker,
    chunked: chunked && tasksPerWorker === 1,
  });
  const upToCores = upTo(Math.min(cores, maxWorkers));
  const series: Series[] = [{ settings: upToCores.map((workers) => of('thread', workers)), climbs: false }];
  if (awaiting > MUCH * ran) {
    const atOnce = [8, 32, 128, 512, MOST_AT_ONCE];
    series.push({ settings: atOnce.map((tasks) => of('thread', 1, tasks)), climbs: true });
    if (cores > 1)
      series.push({ settings: atOnce.map((tasks) => of('thread', Math.min(cores, maxWorkers), tasks)), climbs: true });
  }
  if (blocked + locks > MUCH * ran) {
    const more: Setting[] = [];
    for (let workers = cores * 2; workers <= maxWorkers; workers *= 2) more.push(of('thread', workers));
    series.push({ settings: more, climbs: true });
  }
  // They start slowly, and bring little to what waits: last.
  series.push({ settings: [of('process', Math.min(cores, maxWorkers))], climbs: false });
  return series;
}

/** 1, 2, 4 and so on, and the number itself. */
function upTo(most: number): number[] {
  const counts: number[] = [];
  for (let count = 1; count < most; count *= 2) counts.push(count);
  return [...counts, most];
}

async function compare<I>(contenders: readonly Contender<I>[], slice: number, end: number): Promise<void> {
  let left = [...contenders];
  for (let round = 0; left.length > 0; round++) {
    for (const contender of round % 2 === 0 ? left.toReversed() : left) {
      if (performance.now() + slice / 2 >= end) return;
      if (!(await contender.slice(slice))) return;
    }
    const best = Math.max(...left.map(({ rate }) => rate.value));
    left = left.filter(({ rates, rate }) => rates.length < ROUNDS || rate.high >= best * BEHIND);
    if (round + 1 >= SURE && isClear(left)) return;
  }
}

/** Whether each is as good as the best, or surely worse. */
function isClear<I>(contenders: readonly Contender<I>[]): boolean {
  const rates = contenders.map(({ rate }) => rate);
  const best = rates.reduce((most, rate) => (rate.value > most.value ? rate : most));
  return rates.every(({ value, high }) => value >= best.value * AS_GOOD || high < best.low);
}
