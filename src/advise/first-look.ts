/**
 * The first look at a function: one by one on a thread, what a call takes and of what that consists.
 * @module
 */
import { NoAdviceError } from '../errors/advice-error.ts';
import { EncodeError } from '../errors/encode-error.ts';
import { BrokenExecutor } from '../errors/executor-errors.ts';
import { Pool } from '../executors/pool.ts';
import type { PoolInsights } from '../pool/insights/pool-insights.ts';
import type { Work } from './contender.ts';
import { curfewAt } from './curfew.ts';
import type { TrialInputs } from './inputs.ts';
import { memoryOfWorker } from './pools.ts';
import { CallSizes } from './sizes.ts';
import { profileOf, type TaskProfile } from './task-figures.ts';
import { nap, warmUp } from './warm-up.ts';

/** What was seen. */
export interface FirstLook {
  readonly profile: TaskProfile;
  /** Calls a second, one after another and without a pool, in each of several slices. */
  readonly rates: readonly number[];
  /** What a call threw, if one did. */
  readonly error: { readonly thrown: unknown } | undefined;
  /** Bytes that its thread uses; undefined: not known. */
  readonly memory: number | undefined;
}

/** How long it may take. */
export interface LookOptions {
  /** Milliseconds, once its worker is there. */
  readonly lasts: number;
  /** When the first call must have ended, as `performance.now()` gives it. */
  readonly end: number;
  readonly signal: AbortSignal | undefined;
}

/** Milliseconds below which a call is measured among many. */
const SHORT = 1;
/** Milliseconds of one slice of many. */
const SLICE = 30;
const FIRST_CHUNK = 200;
const CHUNKS = 5;
/** Even if time is up. */
const LEAST_CHUNKS = 2;
/** Empty tasks that are measured. */
const WAYS = 10;
/** One by one, so many groups of so many calls are enough. */
const GROUPS = 5;
const GROUP = 8;
/** So many are, when calls take very different times; and how far the rates may be apart when they do not. */
const MOST_GROUPS = 60;
const SURE = 0.08;
/** Calls whose times do not count, and the share of the time that may go into them: the engine is still compiling the function. */
const COLD = 3;
const WARM_UP = 0.2;
/** Share of the calls that may: workers are to be tried with the rest. */
const WARM_CALLS = 0.1;

/**
 * Takes the first look.
 *
 * @throws NoAdviceError when the first call has not ended in time
 * @throws EncodeError when the function or an input cannot travel
 */
export async function firstLook<I>(work: Work<I>, inputs: TrialInputs<I>, options: LookOptions): Promise<FirstLook> {
  const { lasts, end, signal } = options;
  const pool = new Pool({ kind: 'thread', workers: 1, insights: true, name: 'advise' });
  const begin = performance.now();
  const curfew = curfewAt(end, signal, () => void pool.kill());
  try {
    await warmUp(pool, 1);
    const seen = await new Look(pool, work, inputs, lasts).take();
    return { ...seen, memory: memoryOfWorker(pool) };
  } catch (error) {
    if (pool.state === 'open') throw error;
    signal?.throwIfAborted();
    const after = `${Math.round(end - begin)} ms`;
    throw new NoAdviceError(
      `The function has not come to an end within ${after}, so there is nothing to be said. A longer budget might help.`,
      error,
    );
  } finally {
    curfew.cancel();
    await pool.kill();
  }
}

class Look<I> {
  readonly #pool: Pool;
  readonly #work: Work<I>;
  readonly #inputs: TrialInputs<I>;
  readonly #warmAt: number;
  readonly #warmCalls: number;
  readonly #until: number;
  readonly #sizes = new CallSizes();
  #error: { readonly thrown: unknown } | undefined;

  constructor(pool: Pool, work: Work<I>, inputs: TrialInputs<I>, lasts: number) {
    const now = performance.now();
    this.#pool = pool;
    this.#work = work;
    this.#inputs = inputs;
    this.#warmAt = now + lasts * WARM_UP;
    this.#warmCalls = inputs.left * WARM_CALLS;
    this.#until = now + lasts;
  }

  async take(): Promise<Omit<FirstLook, 'memory'>> {
    await this.#sizes.lookAt(this.#work);
    const way = await this.#way();
    const cold = this.#pool.insights();
    await this.#one();
    if (this.#pool.state !== 'open') throw this.#error?.thrown;
    for (let n = 1; (n < COLD || !this.#isWarm) && !this.#timeIsUp; n++) await this.#one();
    const warm = this.#pool.insights();
    const groups: Group[] = [];
    const calls: number[] = [];
    while ((groups.length < GROUPS || isUnsure(groups)) && groups.length < MOST_GROUPS && !this.#timeIsUp) {
      const group: number[] = [];
      for (let m = 0; m < GROUP && (m === 0 || !this.#timeIsUp); m++) {
        const from = this.#pool.insights().times.running;
        await this.#one();
        const took = this.#pool.insights().times.running - from;
        if (took > 0) group.push(took);
      }
      calls.push(...group);
      if (group.length === 0) break;
      groups.push({ calls: group.length, ran: group.reduce((sum, took) => sum + took, 0), shipping: 0 });
    }
    const rates = ratesOf(groups);
    const now = this.#pool.insights();
    const mean = profileOf(since(now.ran.count === warm.ran.count ? cold : warm, now), way);
    const profile = { ...mean, bytes: this.#sizes.mean, calls };
    const error = this.#error;
    if (profile.ran >= SHORT || profile.awaiting > profile.ran / 2 || this.#isOver) {
      return { profile, rates: groups.length > 0 ? rates : [1000 / profile.ran], error };
    }
    const many = await this.#amongMany(Math.ceil(SLICE / (profile.ran + profile.shipping)));
    if (many.length === 0) return { profile, rates, error };
    return { profile: shortened(profile, meanOf(many)), rates: ratesOf(many), error };
  }

  /** Nothing more can be called. */
  get #isOver(): boolean {
    return this.#inputs.left <= 0 || this.#pool.state !== 'open';
  }

  get #isWarm(): boolean {
    return performance.now() >= this.#warmAt || this.#inputs.calls >= this.#warmCalls;
  }

  get #timeIsUp(): boolean {
    return performance.now() >= this.#until || this.#isOver;
  }

  async #one(): Promise<void> {
    const [input] = this.#inputs.take(1) as [I];
    try {
      this.#sizes.add(input, await this.#pool.submit(this.#work, input));
    } catch (thrown) {
      if (thrown instanceof EncodeError || thrown instanceof BrokenExecutor) throw thrown;
      this.#error ??= { thrown };
    }
  }

  /** Milliseconds that writing and reading takes where there is nothing to write and read. */
  async #way(): Promise<number> {
    await this.#pool.submit(nap, 0);
    const before = this.#pool.insights();
    for (let n = 0; n < WAYS; n++) await this.#pool.submit(nap, 0);
    return profileOf(since(before, this.#pool.insights()), 0).shipping;
  }

  /** What one call takes within a chunk, once the function is compiled. @param most calls of the first chunk */
  async #amongMany(most: number): Promise<Group[]> {
    const each: Group[] = [];
    let count = Math.min(FIRST_CHUNK, most);
    for (let n = 0; n < CHUNKS && !(n < LEAST_CHUNKS ? this.#isOver : this.#timeIsUp); n++) {
      const items = this.#inputs.take(Math.min(count, Math.floor(this.#inputs.left / 8)));
      if (items.length === 0) break;
      const before = this.#pool.insights();
      try {
        await this.#pool.map(this.#work, items, { chunkSize: items.length, errors: 'settle' });
      } catch (error) {
        if (this.#pool.state === 'open') throw error;
        break;
      }
      const { running, placing, decoding, encoding } = since(before, this.#pool.insights()).times;
      const shipping = placing + decoding + encoding;
      each.push({ calls: items.length, ran: running, shipping });
      count = Math.round(items.length * Math.min(8, Math.max(1, SLICE / (running + shipping))));
    }
    return each.length > 1 ? each.slice(1) : each;
  }
}

/** Calls that were measured together; milliseconds of all of them. */
interface Group {
  readonly calls: number;
  readonly ran: number;
  readonly shipping: number;
}

/** One call of several groups, on average. */
function meanOf(groups: readonly Group[]): { readonly ran: number; readonly shipping: number } {
  const sum = (key: keyof Group): number => groups.reduce((total, group) => total + group[key], 0);
  return { ran: sum('ran') / sum('calls'), shipping: sum('shipping') / sum('calls') };
}

/** Calls a second: of all groups but one, for each of them. Of few calls one may take most of the time, so that no group stands for all. */
function ratesOf(groups: readonly Group[]): number[] {
  const parts = groups.length < 2 ? [groups] : groups.map((left) => groups.filter((group) => group !== left));
  return parts.map((part) => 1000 / meanOf(part).ran);
}

/** Whether one group more or less makes a difference. */
function isUnsure(groups: readonly Group[]): boolean {
  const rates = ratesOf(groups);
  return Math.max(...rates) - Math.min(...rates) > SURE * Math.min(...rates);
}

/** The same parts of a call, of one that takes less time. */
function shortened(
  profile: TaskProfile,
  { ran, shipping }: { readonly ran: number; readonly shipping: number },
): TaskProfile {
  const scale = ran / profile.ran;
  const { cpu, queued, blocked, locks } = profile;
  return {
    ...profile,
    ran,
    shipping,
    cpu: cpu * scale,
    queued: queued * scale,
    blocked: blocked * scale,
    locks: locks * scale,
  };
}

function since(before: PoolInsights, now: PoolInsights): PoolInsights {
  const times = Object.fromEntries(
    Object.entries(now.times).map(([key, value]) => [key, value - before.times[key as keyof typeof now.times]]),
  ) as unknown as PoolInsights['times'];
  const count = now.ran.count - before.ran.count;
  return {
    ...now,
    times,
    allocated: now.allocated - before.allocated,
    tasks: { done: now.tasks.done - before.tasks.done, failed: now.tasks.failed - before.tasks.failed },
    ran: { ...now.ran, count, mean: times.running / count },
  };
}
