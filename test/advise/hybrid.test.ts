/**
 * A trial with more cores than threads can use: threads in several processes are really run.
 * @module
 */
import assert from 'node:assert/strict';
import { isMainThread } from 'node:worker_threads';
import { test } from 'node:test';
import { TrialInputs } from '../../src/advise/inputs.ts';
import { runTrial } from '../../src/advise/trial.ts';

/** Slow on a thread, and quick in a process of its own. */
function crowded(): boolean {
  const alone = isMainThread;
  const until = performance.now() + (alone ? 3 : 40);
  while (performance.now() < until);
  return alone;
}

test('threads in several processes are tried where processes get more done than threads', {
  timeout: 120_000,
}, async () => {
  const options = { budget: 40_000, maxWorkers: 8, cores: 4, signal: undefined };
  const { measured, memory } = await runTrial(crowded, new TrialInputs([0], 10_000), options);
  const hybrid = measured.find(({ setting }) => setting.kind === 'hybrid');
  assert.deepEqual([hybrid?.setting.workers, hybrid?.setting.threadsPerProcess], [4, 2]);
  assert.ok((hybrid?.rates.length ?? 0) > 0 && (hybrid?.latency?.p50 ?? 0) > 0);
  assert.ok((memory.hybrid ?? 0) > 0, 'what a worker needs is known');
});
