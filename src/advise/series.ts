/**
 * Which settings are worth trying, by what a call consists of.
 *
 * How it works  What computes wants a worker a core. What blocks wants more workers: twice as many, and so on. What awaits wants more tasks on each:
 *               while one awaits, others compute, so at least as many as its time is longer than what it computes; from there four times as many, and so
 *               on, on all cores first. One worker is then tried with about as many as were best for each of several.
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
/** Steps on the way to the most tasks that a worker may have. */
const STEP = 4;

/** The series, one after another; each is followed by the best setting that was found in it. */
export function* seriesFor(profile: TaskProfile, bounds: SeriesBounds): Generator<Series, void, Setting> {
  const { ran, cpu, awaiting, blocked, locks } = profile;
  const most = Math.min(bounds.cores, bounds.maxWorkers);
  const chunked = ran < SHORT && awaiting < ran / 2;
  const of = (kind: Setting['kind'], workers: number, tasksPerWorker = 1): Setting => ({
    kind,
    workers,
    tasksPerWorker,
    chunked: chunked && tasksPerWorker === 1,
  });
  const mostlyAwaits = awaiting > MOST * ran;
  // All cores first: then all workers are warm.
  const counts = mostlyAwaits ? [1] : upTo(most).toReversed();
  yield { settings: counts.map((workers) => of('thread', workers)), climbs: false };
  if (awaiting > MUCH * ran) {
    const least = 2 ** Math.ceil(Math.log2(Math.max(2, Math.min(MOST_AT_ONCE, ran / cpu))));
    const { tasksPerWorker } = yield {
      settings: inSteps(least).map((tasks) => of('thread', most, tasks)),
      climbs: true,
    };
    if (most > 1) yield { settings: inSteps(tasksPerWorker).map((tasks) => of('thread', 1, tasks)), climbs: true };
  }
  if (blocked + locks > MUCH * ran) {
    const more: Setting[] = [];
    for (let workers = most * 2; workers <= bounds.maxWorkers; workers *= 2) more.push(of('thread', workers));
    yield { settings: more, climbs: true };
  }
  // They start slowly, and bring nothing to what awaits: last.
  if (!mostlyAwaits) yield { settings: [of('process', most)], climbs: false };
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
