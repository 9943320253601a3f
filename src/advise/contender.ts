/**
 * One setting in the race: measures how many tasks a second it gets done.
 *
 * How it works  So many tasks are kept under way as the setting has places, and each one's time is taken; by Little's law their number
 *               divided by their mean time is the throughput, however few have ended. Tiny tasks are mapped in chunks and counted.
 * Source        J. D. C. Little, "A Proof for the Queuing Formula L = λW" (1961).
 * @module
 */
import { EncodeError } from '../errors/encode-error.ts';
import { BrokenExecutor } from '../errors/executor-errors.ts';
import type { Pool } from '../executors/pool.ts';
import { estimate, type Estimate } from './estimate.ts';
import type { TrialInputs } from './inputs.ts';
import { measures, placesOf, type Setting } from './setting.ts';
import { warmUp } from './warm-up.ts';

/** The function, as pools take it. */
export type Work<I> = (input: I) => unknown;

/** Tasks of a first slice that are mapped. */
const FIRST_CHUNKED = 500;
/** One slice has no more of the calls that are left than one of so many parts. */
const SHARES = 8;
/** To get warm no more of them than this share. */
const WARM_UP = 0.04;
/** So many times more than in the slice before, at most. */
const GROWTH = 8;

/** A setting, with its pool and what was measured. */
export class Contender<I> {
  readonly setting: Setting;
  readonly pool: Pool;
  /** Tasks a second, of each slice. */
  readonly rates: number[] = [];
  /** Milliseconds that a call computed, in each slice; NaN where that is not measured. */
  readonly cpu: number[] = [];
  readonly #work: Work<I>;
  readonly #inputs: TrialInputs<I>;
  /** Tasks of the last slice that was mapped, and how many that was a second. */
  #count = FIRST_CHUNKED;
  #mappedRate: number | undefined;

  constructor(setting: Setting, pool: Pool, work: Work<I>, inputs: TrialInputs<I>) {
    this.setting = setting;
    this.pool = pool;
    this.#work = work;
    this.#inputs = inputs;
  }

  get rate(): Estimate {
    return estimate(this.rates);
  }

  /** Runs for about so many milliseconds. False when no more calls may be made, or none came to an end. */
  async slice(ms: number): Promise<boolean> {
    this.#takePool();
    let rate: number | undefined;
    const { calls } = this.#inputs;
    const before = this.#cpu;
    try {
      rate = await (this.setting.chunked ? this.#mapped(ms) : this.#submitted(ms));
    } catch (error) {
      if (this.pool.state === 'open') throw error;
    }
    if (rate === undefined || this.pool.state !== 'open') return false; // time was up in the middle of it
    this.rates.push(rate);
    this.cpu.push((this.#cpu - before) / (this.#inputs.calls - calls));
    return true;
  }

  /** Others use the pool too, with other numbers of tasks a worker. */
  #takePool(): void {
    if (this.pool.state === 'open') this.pool.resize(this.pool.workers, this.setting.tasksPerWorker);
  }

  /** Milliseconds that all calls have computed; NaN of a pool that does not measure them. */
  get #cpu(): number {
    return measures(this.setting) ? this.pool.insights().times.cpu : Number.NaN;
  }

  /** Has workers up and the function there, for so many milliseconds of calls, so that it is compiled: what is measured next is neither. */
  async warmUp(ms: number): Promise<void> {
    this.#takePool();
    await warmUp(this.pool, this.setting.workers);
    await this.#keepBusy(placesOf(this.setting), this.setting.chunked ? 0 : ms);
    const until = performance.now() + ms;
    const enough = this.#inputs.calls + this.#inputs.left * WARM_UP;
    while (this.setting.chunked && performance.now() < until && this.#inputs.calls < enough) {
      if ((await this.#mapped(until - performance.now())) === undefined) return;
    }
  }

  async #mapped(ms: number): Promise<number | undefined> {
    const wanted = this.#mappedRate === undefined ? FIRST_CHUNKED : (this.#mappedRate * ms) / 1000;
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
    const times = await this.#keepBusy(places, ms);
    if (times.length === 0) return undefined;
    const mean = times.reduce((sum, time) => sum + time, 0) / times.length;
    return (places * 1000) / mean;
  }

  /** Keeps so many tasks under way, for so long; gives the time of each. Those that began together, at first, wait for each other less than later ones. */
  async #keepBusy(places: number, ms: number): Promise<number[]> {
    const until = performance.now() + ms;
    const first: number[] = [];
    const later: number[] = [];
    const keepOne = async (): Promise<void> => {
      let times = first;
      do {
        const [input] = this.#inputs.take(1) as [I?];
        if (input === undefined && this.#inputs.left <= 0) return;
        const start = performance.now();
        await this.pool.submit(this.#work, input as I).catch(ownError);
        if (this.pool.state !== 'open') return;
        times.push(performance.now() - start);
        times = later;
      } while (performance.now() < until);
    };
    await Promise.all(Array.from({ length: places }, keepOne));
    return later.length >= places ? later : [...first, ...later];
  }
}

/** What the function throws is its own business. */
function ownError(error: unknown): void {
  if (error instanceof EncodeError || error instanceof BrokenExecutor) throw error;
}
