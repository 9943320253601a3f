/**
 * Which settings are tried, by what a call consists of and what others got done.
 * @module
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { seriesFor, type SeriesBounds, type Tried } from '../../src/advise/series.ts';
import { nameOf, type Setting } from '../../src/advise/setting.ts';
import type { TaskProfile } from '../../src/advise/task-figures.ts';
import { profile } from './profiles.ts';

const computes = profile({ cpu: 9.9 });
const awaits = profile({ awaiting: 9.9, cpu: 0.1 });

/** All settings that are tried when each gets so much done. */
function tried(
  profile: TaskProfile,
  rate: (setting: Setting) => number,
  bounds: SeriesBounds = { cores: 4, maxWorkers: 64 },
): string[] {
  const names: string[] = [];
  const all = seriesFor(profile, bounds);
  let results: Tried[] = [];
  for (let next = all.next(results); next.done !== true; next = all.next(results)) {
    names.push(...next.value.settings.map(nameOf));
    results = next.value.settings.map((setting) => ({ setting, rate: rate(setting) }));
  }
  return names;
}

describe('settings that are tried', () => {
  test('are threads and processes for what computes', () => {
    assert.deepEqual(
      tried(computes, ({ workers }) => 100 * workers),
      ['4 threads', '2 threads', '1 thread', '4 processes'],
    );
  });

  test('are threads in several processes too, where processes get more done than threads', () => {
    const contended = ({ kind, workers }: Setting): number => (kind === 'thread' ? 100 : 90 * workers);
    assert.deepEqual(tried(computes, contended).slice(-2), ['4 processes', '4 threads in 2 processes']);
    assert.equal(tried(computes, contended, { cores: 7, maxWorkers: 64 }).at(-1), '6 threads in 3 processes');
    assert.equal(tried(computes, contended, { cores: 2, maxWorkers: 64 }).at(-1), '2 processes', 'too few cores');
  });

  test('are more and more tasks for what awaits, and no processes', () => {
    const names = tried(awaits, ({ workers, tasksPerWorker }) => workers * tasksPerWorker);
    assert.deepEqual(names.slice(0, 3), ['1 thread', '4 threads, 128 tasks each', '4 threads, 512 tasks each']);
    assert.ok(names.every((name) => !name.includes('process')));
  });

  test('are more threads than cores for what blocks', () => {
    const names = tried({ ...computes, cpu: 0.1, blocked: 9.9 }, ({ workers }) => workers);
    for (const name of ['8 threads', '16 threads', '32 threads', '64 threads']) assert.ok(names.includes(name), name);
  });
});
