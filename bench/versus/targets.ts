/**
 * What the figures have to show, each with the ratio that a run found.
 * @module
 */
import type { RunnerName } from './contestants.ts';
import type { TeamKind } from './contestant.ts';
import type { Test } from './measurement.ts';
import type { Row } from './report.ts';

/** One target and whether it was met. */
export interface Target {
  readonly name: string;
  /** As in `>= 20`. */
  readonly wanted: string;
  /** The figure found; null when it was not measured. */
  readonly found: number | null;
  readonly met: boolean | null;
}

/** Judges all targets by the rows of one run. */
export function targetsOf(rows: readonly Row[]): Target[] {
  const figure = (runner: RunnerName, want: Partial<Test>, kind: TeamKind = 'thread', name = 'us', group?: string): number => {
    const row = rows.find(
      (candidate) =>
        candidate.runner === runner &&
        candidate.kind === kind &&
        candidate.workers === 2 &&
        (group === undefined || candidate.group === group) &&
        Object.entries(want).every(([key, value]) => candidate.of[key as keyof Test] === value),
    );
    return row?.figures?.[name] ?? Number.NaN;
  };
  const numbers: Partial<Test> = { test: 'tasks', work: 'add', shape: 'all' };
  const object: Partial<Test> = { test: 'tasks', work: 'greet', shape: 'all' };
  const sequence: Partial<Test> = { test: 'tasks', work: 'add', shape: 'sequence' };
  const map: Partial<Test> = { test: 'map' };
  const us = (runner: RunnerName, want: Partial<Test>, kind?: TeamKind, group?: string): number =>
    figure(runner, want, kind, 'us', group);

  const promises = (tasks: number): number => {
    const million: Partial<Test> = { ...numbers, tasks };
    return us('promises alone', million, 'thread', 'million') / us('manyhands', million, 'thread', 'million');
  };
  const memory = (runner: RunnerName, name: string): number => figure(runner, { test: 'memory' }, 'thread', name);
  const times = (rival: RunnerName, want: Partial<Test>, group: string, kind: TeamKind = 'thread'): number =>
    us(rival, want, kind, group) / us('manyhands', want, kind, group);
  const millionSlower =
    us('manyhands', { ...numbers, tasks: 1_000_000 }, 'thread', 'million') /
    us('manyhands', { ...numbers, tasks: 200_000 }, 'thread', 'million');

  return [
    atLeast('two numbers: rate, times piscina', 20, times('piscina', numbers, 'numbers')),
    atLeast('two numbers: rate, times multithreading', 8, times('multithreading', numbers, 'numbers')),
    atLeast('object with strings: rate, times piscina', 10, times('piscina', object, 'object')),
    atLeast('rate, share of promises alone (200,000 at once)', 0.5, promises(200_000)),
    atLeast('rate, share of promises alone (1,000,000 at once)', 0.5, promises(1_000_000)),
    atMost('one after another: round trip, share of piscina', 0.25, 1 / times('piscina', sequence, 'seq')),
    atLeast('processes: rate, times workerpool', 5, times('workerpool', numbers, 'processes', 'process')),
    atLeast('map of 1e6 (threads): rate, times CPython Pool.map', 4, us('CPython', map, 'process') / us('manyhands', map)),
    atLeast(
      'map of 1e6 (processes): rate, times CPython Pool.map',
      4,
      us('CPython', map, 'process') / us('manyhands', map, 'process'),
    ),
    atLeast('computing tasks: two workers, times one', 1.9, figure('manyhands', { test: 'speedup' }, 'thread', 'speedup')),
    atMost('a million at once: time a task, times 200,000', 1.5, millionSlower),
    atMost(
      'a million settled: bytes a task, times promises alone',
      1.25,
      memory('manyhands', 'settledBytes') / memory('promises alone', 'settledBytes'),
    ),
    atMost('a million dropped: bytes a task that stay', 4, memory('manyhands', 'leftBytes')),
    atMost('at rest: percent of a core', 0.5, figure('manyhands', { test: 'idle' }, 'thread', 'cpuPercent')),
  ];
}

function atLeast(name: string, least: number, found: number): Target {
  return judged(name, `>= ${least}`, found, found >= least);
}

function atMost(name: string, most: number, found: number): Target {
  return judged(name, `<= ${most}`, found, found <= most);
}

function judged(name: string, wanted: string, found: number, met: boolean): Target {
  if (Number.isNaN(found)) return { name, wanted, found: null, met: null };
  return { name, wanted, found: Number(found.toPrecision(4)), met };
}
