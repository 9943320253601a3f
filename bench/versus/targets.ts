/**
 * What the figures have to show, each with the ratio that a run found.
 * @module
 */
import { pairedRatio } from '../harness/paired-ratio.ts';
import { find, type Row } from '../harness/row.ts';
import { atLeast, atMost, type Target } from '../harness/target.ts';
import type { TeamKind } from './contestant.ts';
import type { RunnerName } from './contestants.ts';
import type { groups } from './plan.ts';

/** Judges all targets by the rows of one run. */
export function targetsOf(rows: readonly Row[]): Target[] {
  const row = (runner: RunnerName, group: keyof typeof groups, want?: object, kind?: TeamKind): Row | undefined =>
    find(rows, runner, group, want, kind);
  const all = { work: 'add', shape: 'all' };
  const object = { work: 'greet', shape: 'all' };
  const sequence = { work: 'add', shape: 'sequence' };
  const memory = (runner: RunnerName, name: string): number =>
    row(runner, 'million', { test: 'memory' })?.figures?.[name] ?? Number.NaN;
  const ofPromises = (tasks: number): number =>
    pairedRatio(row('promises alone', 'million', count(tasks)), row('manyhands', 'million', count(tasks)));
  const ofWaitingPromises = (tasks: number): number =>
    (row('promises alone', 'million', count(tasks))?.figures?.['resolvedLaterUs'] ?? Number.NaN) /
    (row('manyhands', 'million', count(tasks))?.figures?.['us'] ?? Number.NaN);

  return [
    atLeast(
      20,
      'two numbers: rate, times piscina',
      pairedRatio(row('piscina', 'numbers', all), row('manyhands', 'numbers', all)),
    ),
    atLeast(
      8,
      'two numbers: rate, times multithreading',
      pairedRatio(row('multithreading', 'numbers', all), row('manyhands', 'numbers', all)),
    ),
    atLeast(
      5,
      'two numbers, with retries, timeout and priority: rate, times piscina',
      pairedRatio(row('piscina', 'numbers', all), row('manyhands (ordered)', 'numbers', all)),
    ),
    atLeast(
      10,
      'object with strings: rate, times piscina',
      pairedRatio(row('piscina', 'object', object), row('manyhands', 'object', object)),
    ),
    atLeast(0.5, '200,000 at once: rate, share of promises alone', ofPromises(200_000)),
    atLeast(0.5, '1,000,000 at once: rate, share of promises alone', ofPromises(1_000_000)),
    atLeast(0.5, '200,000 at once: rate, share of promises resolved later', ofWaitingPromises(200_000)),
    atLeast(0.5, '1,000,000 at once: rate, share of promises resolved later', ofWaitingPromises(1_000_000)),
    atMost(
      0.25,
      'one after another: round trip, share of piscina',
      pairedRatio(row('manyhands', 'seq', sequence), row('piscina', 'seq', sequence)),
    ),
    atLeast(
      5,
      'processes: rate, times workerpool',
      pairedRatio(row('workerpool', 'processes', all, 'process'), row('manyhands', 'processes', all, 'process')),
    ),
    atLeast(
      4,
      'map of 1e6 by threads: rate, times CPython',
      pairedRatio(row('CPython', 'map', {}, 'process'), row('manyhands', 'map')),
    ),
    atLeast(
      4,
      'map of 1e6 by processes: rate, times CPython',
      pairedRatio(row('CPython', 'map', {}, 'process'), row('manyhands', 'map', {}, 'process')),
    ),
    atLeast(1.9, 'computing tasks: two threads, times one', row('manyhands', 'cpu')?.figures?.['speedup']),
    atMost(
      1.5,
      '1,000,000 at once: time a task, times that of 200,000',
      pairedRatio(row('manyhands', 'million', count(1_000_000)), row('manyhands', 'million', count(200_000))),
    ),
    atMost(
      1.25,
      '1,000,000 waiting: bytes a task, times promises alone',
      memory('manyhands', 'waitingBytes') / memory('promises alone', 'waitingBytes'),
    ),
    atMost(
      1.25,
      '1,000,000 settled: bytes a task, times promises alone',
      memory('manyhands', 'settledBytes') / memory('promises alone', 'settledBytes'),
    ),
    atMost(4, '1,000,000 dropped: bytes a task that stay', memory('manyhands', 'leftBytes')),
    atMost(0.5, 'threads at rest: percent of a core', row('manyhands', 'idle')?.figures?.['cpuPercent']),
  ];
}

function count(tasks: number): object {
  return { test: 'tasks', tasks };
}
