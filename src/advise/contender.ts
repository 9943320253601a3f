/**
 * One setting in the race: measures how many tasks a second it gets done.
 *
 * How it works  So many tasks are kept under way as the setting has places, and each one's time is taken; by Little's law their number
 *               divided by their mean time is the throughput, however few have ended. Where each worker has several, which began together and may wait
 *               for each other, it is no more than what ended while all places were taken. Short tasks are mapped and counted.
 * Source        J. D. C. Little, "A Proof for the Queuing Formula L = λW" (1961).
 * @module
 */
import { EncodeError } from '../errors/encode-error.ts';
import { BrokenExecutor } from '../errors/executor-errors.ts';
import type { Pool } from '../executors/pool.ts';
import { estimate, type Estimate } from './estimate.ts';
import type { TaskTimes } from '../pool/insights/pool-insights.ts';
import { Spread, type SpreadFigures } from '../pool/insights/spread.ts';
import type { TrialInputs } from './inputs.ts';
import { isOne, measures, placesOf, type Setting } from './setting.ts';
import type { TaskProfile } from './task-figures.ts';
import { warmUp } from './warm-up.ts';

/** The function, as pools take it. */
export type Work<I> = (input: I) => unknown;

/** Tasks of a first slice that are mapped, at most. */
const FIRST_CHUNKED = 500;
/** A call has waited for others when it took so many times longer than alone. */
const WAITED = 1.5;
/** So many that ended while all places were taken say how many that is a second. */
const STEADY = 20;
/** Share of a call's time that it waits for others, which makes the times of those that began together misleading. */
const WAITS = 0.1;
/** One slice has no more of the calls that are left than one of so many parts. */
const SHARES = 8;
/** To get warm no more of them than this share. */
const WARM_UP = 0.04;
/** So many times more than in the slice before, at most. */
const GROWTH = 8;

/** What came of tasks that were kept under way, in the order of their ends. */
interface Busy {
  /** Milliseconds of each. */
  readonly times: readonly number[];
  /** When each ended. */
  readonly ends: readonly number[];
  /** Until when all places were taken. */
  readonly full: number;
}

/** A setting, with its pool and what was measured. */
export class Contender<I> {
  readonly setting: Setting;
  readonly pool: Pool;
  /** Tasks a second, of each slice. */
  readonly rates: number[] = [];
  /** Milliseconds that a call computed, in each slice; NaN where that is not measured. */
  readonly cpu: number[] = [];
  /** Share of a call's time that it waited for locks and queues, in each slice; NaN where that is not measured. */
  readonly locks: number[] = [];
  /** Of one thread with one call at a time: calls a second in each slice, without the way there and back. */
  readonly alone: number[] = [];
  readonly #latency = new Spread();
  readonly #work: Work<I>;
  readonly #inputs: TrialInputs<I>;
  readonly #profile: TaskProfile;
  /** Tasks of the last slice that was mapped, and how many that was a second. */
  #count = FIRST_CHUNKED;
  #mappedRate: number | undefined;

  /** @param profile a call that has its worker for itself */
  constructor(setting: Setting, pool: Pool, work: Work<I>, inputs: TrialInputs<I>, profile: TaskProfile) {
    this.setting = setting;
    this.#profile = profile;
    this.pool = pool;
    this.#work = work;
    this.#inputs = inputs;
  }

  /** Milliseconds from submitting to the result, of the calls that were submitted one by one. */
  get latency(): SpreadFigures | undefined {
    return this.#latency.count === 0 ? undefined : this.#latency.figures();
  }

  get rate(): Estimate {
    return estimate(this.rates);
  }

  /** Runs for about so many milliseconds. False when no more calls may be made, or none came to an end. */
  async slice(ms: number): Promise<boolean> {
    this.#takePool();
    const { calls } = this.#inputs;
    const before = this.#times;
    const start = performance.now();
    const rate = await this.#untilEnd(this.setting.chunked ? this.#mapped(ms) : this.#submitted(ms));
    if (rate === undefined || this.pool.state !== 'open') return false; // time was up in the middle of it
    const took = performance.now() - start;
    const { cpu, running, locks } = this.#times;
    const made = this.#inputs.calls - calls;
    this.cpu.push((cpu - before.cpu) / made);
    const locked = (locks - before.locks) / (running - before.running);
    this.locks.push(locked);
    // The first one did not wait for the others: of such, as many as ended.
    this.rates.push(locked > WAITS ? Math.min(rate, (made * 1000) / took) : rate);
    if (isOne(this.setting) && measures(this.setting)) this.alone.push((made * 1000) / (running - before.running));
    return true;
  }

  /** Others use the pool too, with other numbers of tasks a worker. */
  #takePool(): void {
    if (this.pool.state === 'open') this.pool.resize(this.pool.workers, this.setting.tasksPerWorker);
  }

  /** Milliseconds of all calls; NaN of a pool that does not measure them. */
  get #times(): Pick<TaskTimes, 'cpu' | 'running' | 'locks'> {
    const unknown = { cpu: Number.NaN, running: Number.NaN, locks: Number.NaN };
    return measures(this.setting) ? this.pool.insights().times : unknown;
  }

  /** Has workers up and the function there, for so many milliseconds of calls, so that it is compiled: what is measured next is neither. */
  async warmUp(ms: number): Promise<void> {
    this.#takePool();
    await warmUp(this.pool, this.setting.workers);
    await this.#keepBusy(placesOf(this.setting), this.setting.chunked ? 0 : ms);
    const until = performance.now() + ms;
    const enough = this.#inputs.calls + this.#inputs.left * WARM_UP;
    while (this.setting.chunked && performance.now() < until && this.#inputs.calls < enough) {
      if ((await this.#untilEnd(this.#mapped(until - performance.now()))) === undefined) return;
    }
  }

  /** Undefined when the pool was ended meanwhile. */
  async #untilEnd(rate: Promise<number | undefined>): Promise<number | undefined> {
    try {
      return await rate;
    } catch (error) {
      if (this.pool.state === 'open') throw error;
      return undefined;
    }
  }

  async #mapped(ms: number): Promise<number | undefined> {
    const first = Math.min(FIRST_CHUNKED, (this.setting.workers * ms) / this.#profile.ran);
    const wanted = this.#mappedRate === undefined ? first : (this.#mappedRate * ms) / 1000;
    const most = Math.min(this.#count * GROWTH, Math.floor(this.#inputs.left / SHARES));
    const items = this.#inputs.take(Math.max(1, Math.min(Math.round(wanted), most)));
    if (items.length === 0) return undefined;
    this.#count = items.length;
    const start = performance.now();
    await this.pool.map(this.#work, items, { errors: 'settle' });
    this.#mappedRate = (items.length * 1000) / (performance.now() - start);
    return this.#mappedRate;
  }

  async #submitted(ms: number): Promise<number | undefined> {
    const places = placesOf(this.setting);
    const start = performance.now();
    const { times, ends, full } = await this.#keepBusy(places, ms);
    if (times.length === 0) return undefined;
    for (const time of times) this.#latency.add(time);
    const mean = times.reduce((sum, time) => sum + time, 0) / times.length;
    const byTime = (places * 1000) / mean;
    if (this.setting.tasksPerWorker === 1) return byTime;
    // Where workers have more than they can do, those that began together have short times; these are as many as ended while all places were taken.
    const [first = start] = ends;
    const steady = ends.filter((end) => end > first && end <= full).length;
    if (steady >= STEADY) return Math.min(byTime, (steady * 1000) / (full - first));
    const { ran, cpu } = this.#profile;
    return Math.min(byTime, (times.length * 1000) / Math.max(1, performance.now() - start - Math.max(0, ran - cpu)));
  }

  /** Keeps so many tasks under way, for so long. When they wait for each other each place has a second one, whatever the time. */
  async #keepBusy(places: number, ms: number): Promise<Busy> {
    const until = performance.now() + ms;
    const enough = this.#inputs.calls + this.#inputs.left / SHARES;
    const times: number[] = [];
    const ends: number[] = [];
    let full = Infinity;
    const keepOne = async (): Promise<void> => {
      for (let isFirst = true; ; isFirst = false) {
        const [input] = this.#inputs.take(1) as [I?];
        if (input === undefined && this.#inputs.left <= 0) return;
        const start = performance.now();
        await this.pool.submit(this.#work, input as I).catch(ownError);
        if (this.pool.state !== 'open') return;
        const end = performance.now();
        times.push(end - start);
        ends.push(end);
        const isEnough = !isFirst || ms === 0 || end - start < WAITED * this.#profile.ran;
        if (isEnough && (end >= until || this.#inputs.calls >= enough)) {
          full = Math.min(full, end);
          return;
        }
      }
    };
    await Promise.all(Array.from({ length: places }, keepOne));
    return { times, ends, full };
  }
}

/** What the function throws is its own business. */
function ownError(error: unknown): void {
  if (error instanceof EncodeError || error instanceof BrokenExecutor) throw error;
}
