/**
 * What the advisor tries where threads are in each other's way: threads in several processes are really run.
 * @module
 */
import assert from 'node:assert/strict';
import { isMainThread, threadId } from 'node:worker_threads';
import { test } from 'node:test';
import { Contender } from '../../src/advise/contender.ts';
import { TrialInputs } from '../../src/advise/inputs.ts';
import { TrialPools } from '../../src/advise/pools.ts';
import type { Setting } from '../../src/advise/setting.ts';
import { SharedMap } from '../../src/index.ts';
import { profile } from './profiles.ts';

const setting: Setting = { kind: 'hybrid', workers: 4, tasksPerWorker: 1, chunked: false, threadsPerProcess: 2 };

const skip = process.platform !== 'linux' && 'memory between processes is for Linux';

test('a contender of threads in several processes runs on them, and measures them', {
  skip,
  timeout: 120_000,
}, async () => {
  const places = new SharedMap<string, number>({ scope: 'process' });
  const note = (ms: number): void => {
    const until = performance.now() + ms; // long enough that others have the next ones
    while (performance.now() < until);
    places.set(`${process.pid} ${isMainThread ? 'main' : threadId}`, process.pid);
  };
  const pools = new TrialPools();
  try {
    const contender = new Contender(
      setting,
      pools.for(setting),
      note,
      new TrialInputs([20], 100_000),
      profile({ cpu: 9.9 }),
    );
    await contender.warmUp(0);
    for (let rounds = 0; rounds < 1 || (places.size < 4 && rounds < 1000); rounds++)
      assert.ok(await contender.slice(60));
    assert.equal(places.size, 4, 'workers');
    assert.equal(new Set(places.values()).size, 2, 'processes');
    assert.ok([...places.keys()].every((place) => !place.endsWith('main')));
    const { rate, latency } = contender;
    assert.ok(rate.value > 0 && (latency?.p50 ?? 0) > 10, `${rate.value} a second, ${latency?.p50} ms`);
    assert.ok((pools.memoryOf('hybrid') ?? 0) > 0, 'what a worker needs is known');
  } finally {
    await pools.end();
  }
});
