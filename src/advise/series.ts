/**
 * Which settings are worth trying, by what a call consists of.
 *
 * How it works  What computes wants a worker a core. What blocks wants more workers: twice as many, and so on. What awaits wants more tasks on each:
 *               while one awaits, others compute, so at least as many as its time is longer than what it computes; from there four times as many, and so
 *               on, on all cores first. One worker is then tried with about as many as were best for each of several. Threads that are in each
 *               other's way are fewer in several processes.
 * @module
 */
import { MOST_AT_ONCE, type Setting } from './setting.ts';
import type { TaskProfile } from './task-figures.ts';

/** Settings that are tried one after another. */
export interface Series {
  readonly settings: readonly Setting[];
  /** Whether it is left when a step brings little. */
  readonly climbs: boolean;
}

/** A setting, and the tasks a second that it got done. */
export interface Tried {
  readonly setting: Setting;
  readonly rate: number;
}

/** What there is. */
export interface SeriesBounds {
  readonly cores: number;
  /** Workers at most. */
  readonly maxWorkers: number;
}

/** Share of a task's time that makes a series worthwhile, and one that leaves nothing for others. */
const MUCH = 0.2;
const MOST = 0.6;
/** Milliseconds below which tasks are mapped, not submitted one by one: the way to a worker and back would count. */
const SHORT = 2;
/** Threads on all cores that do so many times as much as one are not in each other's way. */
const SCALES = 1.3;
const ABOUT_AS_GOOD = 0.93;
/** Processes that do so many times as much as threads are worth what they cost; and how many threads each is given then, on how many cores. */
const BETTER = 1.1;
const PER_PROCESS = 2;
const LEAST_FOR_HYBRID = 4;
/** Steps on the way to the most tasks that a worker may have. */
const STEP = 4;

/** Whether tasks are so short that they had better travel together. */
export const isShort = ({ ran, awaiting }: TaskProfile): boolean => ran < SHORT && awaiting < ran / 2;

/** The series, one after another; each is followed by what came of it. */
export function* seriesFor(profile: TaskProfile, bounds: SeriesBounds): Generator<Series, void, readonly Tried[]> {
  const { ran, cpu, awaiting, blocked, locks } = profile;
  const most = Math.min(bounds.cores, bounds.maxWorkers);
  const chunked = isShort(profile);
  const of = (kind: Setting['kind'], workers: number, tasksPerWorker = 1): Setting => ({
    kind,
    workers,
    tasksPerWorker,
    chunked: chunked && tasksPerWorker === 1,
  });
  const mostlyAwaits = awaiting > MOST * ran;
  // All cores first: then all workers are warm.
  const counts = mostlyAwaits ? [1] : upTo(most).toReversed();
  const threads = yield { settings: counts.map((workers) => of('thread', workers)), climbs: false };
  if (awaiting > MUCH * ran) {
    const least = 2 ** Math.ceil(Math.log2(Math.max(2, Math.min(MOST_AT_ONCE, ran / cpu))));
    const tried = yield { settings: inSteps(least).map((tasks) => of('thread', most, tasks)), climbs: true };
    if (most > 1) {
      const from = bestOf(tried)?.setting.tasksPerWorker ?? least;
      yield { settings: inSteps(from).map((tasks) => of('thread', 1, tasks)), climbs: true };
    }
  }
  if (blocked + locks > MUCH * ran) {
    const more: Setting[] = [];
    for (let workers = most * 2; workers <= bounds.maxWorkers; workers *= 2) more.push(of('thread', workers));
    yield { settings: more, climbs: true };
  }
  // They start slowly, bring nothing to what awaits, and to what is short only where threads are in each other's way: last.
  const [all, one] = [threads.at(0)?.rate, threads.at(-1)?.rate];
  const scales = all !== undefined && one !== undefined && all > SCALES * one;
  if (mostlyAwaits || (chunked && scales)) return;
  const [processes] = yield { settings: [of('process', most)], climbs: false };
  // Where processes get more done than threads, which are in each other's way, two threads a process are that less, and need less memory.
  if (processes !== undefined && all !== undefined && processes.rate > all * BETTER && most >= LEAST_FOR_HYBRID) {
    const workers = most - (most % PER_PROCESS);
    yield { settings: [{ ...of('hybrid', workers), threadsPerProcess: PER_PROCESS }], climbs: false };
  }
}

/** The first one, of those that are about as good. */
function bestOf(tried: readonly Tried[]): Tried | undefined {
  const most = Math.max(...tried.map(({ rate }) => rate));
  return tried.find(({ rate }) => rate >= ABOUT_AS_GOOD * most);
}

/** 1, 2, 4 and so on, and the number itself. */
function upTo(most: number): number[] {
  const counts: number[] = [];
  for (let count = 1; count < most; count *= 2) counts.push(count);
  return [...counts, most];
}

/** From a number of tasks to the most there may be. */
function inSteps(least: number): number[] {
  const counts: number[] = [];
  for (let count = least; count < MOST_AT_ONCE; count *= STEP) counts.push(count);
  return [...counts, MOST_AT_ONCE];
}
