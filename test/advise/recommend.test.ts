/**
 * From figures to an answer: what kind of work it is, which setting is chosen, and what is said.
 * @module
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { classify, type Crowd, type WorkClass } from '../../src/advise/classify.ts';
import { recommend } from '../../src/advise/recommend.ts';
import type { Setting } from '../../src/advise/setting.ts';
import type { TaskProfile } from '../../src/advise/task-figures.ts';
import type { TrialResult } from '../../src/advise/trial.ts';
import { profile } from './profiles.ts';

describe('the kind of work', () => {
  const cases: readonly (readonly [WorkClass, Partial<TaskProfile>, Crowd?])[] = [
    ['cpu', { cpu: 9.8 }],
    ['cpu', { cpu: 9.8 }, { inflation: 1.1, locks: 0.1 }],
    ['locks', { cpu: 9.8 }, { inflation: 1.1, locks: 0.45 }],
    ['cpu', { ran: 30, queued: 20, cpu: 9.8 }],
    ['memory-bandwidth', { cpu: 9.8 }, { inflation: 1.7 }],
    ['async-io', { awaiting: 9.5, cpu: 0.4 }],
    ['async-io', { ran: 30, queued: 28, awaiting: 29, cpu: 0.4, shipping: 5 }],
    ['blocking-io', { blocked: 9.5, cpu: 0.4 }],
    ['locks', { locks: 7, cpu: 3 }],
    ['payload', { ran: 1, cpu: 0.9, shipping: 5 }],
    ['cpu', { ran: 8, queued: 7, cpu: 1, shipping: 8.5, bytes: { captured: 0, arguments: 5, result: 6 } }],
    ['payload', { ran: 1, cpu: 0.9, shipping: 5, bytes: { captured: 0, arguments: undefined, result: 6 } }],
    ['tiny', { ran: 0.0005, shipping: 0.03, way: 0.04 }],
    ['tiny', { ran: 0.0005, cpu: 0.0005, shipping: 0 }],
    ['mixed', { cpu: 5, awaiting: 5 }],
  ];
  for (const [number, [kind, parts, crowd]] of cases.entries()) {
    test(`case ${number + 1}: ${kind}`, () => {
      assert.equal(classify(profile(parts), crowd), kind);
    });
  }
});

const setting = (kind: Setting['kind'], workers: number, tasksPerWorker = 1): Setting => ({
  kind,
  workers,
  tasksPerWorker,
  chunked: false,
});
const steady = (rate: number): number[] => [rate * 0.99, rate, rate * 1.01, rate];

function result(
  alone: number,
  measured: readonly (readonly [Setting, number])[],
  parts: Partial<TaskProfile> = { cpu: 9.9 },
): TrialResult {
  return {
    look: { profile: profile(parts), rates: steady(alone), error: undefined, memory: undefined },
    measured: measured.map(([of, rate]) => ({
      setting: of,
      rates: steady(rate),
      cpu: [9.9],
      locks: [0],
      alone: [],
      latency: undefined,
    })),
    memory: { thread: 20 * 2 ** 20, process: 50 * 2 ** 20, hybrid: 30 * 2 ** 20 },
    noProcesses: undefined,
    container: undefined,
    took: 3000,
  };
}
const subject = { cores: 4, fn: 'resize', module: './thumb.ts#resize' };

describe('the answer', () => {
  test('is what got most done', () => {
    const advice = recommend(
      result(100, [
        [setting('thread', 1), 98],
        [setting('thread', 2), 190],
        [setting('thread', 4), 370],
        [setting('process', 4), 330],
      ]),
      500,
      subject,
    );
    assert.deepEqual([advice.kind, advice.workers, advice.tasksPerWorker], ['thread', 4, 1]);
    assert.ok(advice.speedUp.low <= 3.7 && advice.speedUp.high >= 3.7 && Math.abs(advice.speedUp.value - 3.7) < 1e-9);
    assert.equal(advice.memory, 4 * 20 * 2 ** 20);
    assert.equal(advice.code, 'const results = await new Pool({ workers: 4 }).map(resize, inputs);');
    assert.equal(advice.command, 'manyhands map ./thumb.ts#resize -j 4');
    assert.match(advice.sentence, /^Run it on 4 threads: 99 % of a call is computing.* 3\.7 times/);
    assert.deepEqual(
      advice.trials.map(({ kind, workers }) => `${kind} ${workers}`),
      ['thread 4', 'process 4', 'thread 2', 'none 1', 'thread 1'],
    );
    assert.equal(advice.model?.of, 'threads');
    assert.deepEqual(
      advice.model?.points.map(({ count }) => count),
      [1, 2, 4],
    );
    assert.ok(advice.notes.some((note) => note.startsWith('On 8 cores')));
  });

  test('is fewer workers, and threads, where more and processes bring nothing', () => {
    const advice = recommend(
      result(100, [
        [setting('thread', 2), 195],
        [setting('thread', 4), 198],
        [setting('process', 4), 200],
      ]),
      1,
      subject,
    );
    assert.deepEqual([advice.kind, advice.workers], ['thread', 2]);
  });

  test('is no pool where one brings little', () => {
    const advice = recommend(result(100, [[setting('thread', 4), 104]]), 1, subject);
    assert.deepEqual([advice.kind, advice.workers, advice.speedUp], ['none', 1, { value: 1, low: 1, high: 1 }]);
    assert.match(advice.sentence, /^Run it where you are/);
    assert.match(advice.code, /await resize\(input\)/);
    assert.equal(advice.memory, undefined);
  });

  test('is honest when there was no time, or no call, to try anything', () => {
    const advice = recommend(result(100, []), 1, subject);
    assert.match(advice.sentence, /^The time, or the calls, were used up before it could be tried on workers/);
    assert.equal(advice.kind, 'none');
    assert.equal(advice.command, 'manyhands map ./thumb.ts#resize -j 1');
  });

  test('says that a function takes much along with each call', () => {
    const parts = { ran: 2, cpu: 1.9, shipping: 5, bytes: { captured: 3 * 2 ** 20, arguments: 4, result: 60 } };
    const { work, notes } = recommend(result(100, [[setting('thread', 2), 40]], parts), 1, subject);
    assert.equal(work, 'payload');
    assert.ok(
      notes.some((note) =>
        note.startsWith('The function takes the variables that it captures along with each call, 3.0 MiB:'),
      ),
    );
  });

  test('is processes where only they help, and says so in code and command', () => {
    const advice = recommend(
      result(100, [
        [setting('thread', 4), 90],
        [setting('process', 4), 350],
      ]),
      1,
      subject,
    );
    assert.equal(advice.code, "const results = await new Pool({ kind: 'process', workers: 4 }).map(resize, inputs);");
    assert.equal(advice.command, 'manyhands map ./thumb.ts#resize --processes -j 4');
    assert.equal(advice.memory, 4 * 50 * 2 ** 20);
  });

  test('is threads in several processes where they get as much done as processes, and cost less', () => {
    const hybrid: Setting = { ...setting('hybrid', 4), threadsPerProcess: 2 };
    const advice = recommend(
      result(100, [
        [setting('thread', 4), 200],
        [setting('process', 4), 390],
        [hybrid, 385],
      ]),
      1,
      subject,
    );
    assert.deepEqual([advice.kind, advice.workers, advice.threadsPerProcess], ['hybrid', 4, 2]);
    assert.match(advice.sentence, /^Run it on 4 threads in 2 processes: /);
    assert.equal(
      advice.code,
      "const results = await new Pool({ kind: 'hybrid', workers: 4, threadsPerProcess: 2 }).map(resize, inputs);",
    );
    assert.equal(advice.command, 'manyhands map ./thumb.ts#resize --processes --threads-per-process 2 -j 4');
    assert.equal(advice.memory, 4 * 30 * 2 ** 20);
  });

  test('says what the container allows, and that it has stopped the program, instead of blaming others', () => {
    const found = result(100, [[setting('thread', 1), 99]], { ran: 20, cpu: 9, queued: 10 });
    const { notes } = recommend({ ...found, container: { cores: 0.5, stopped: 1400 } }, 1, { ...subject, cores: 1 });
    assert.ok(
      notes.includes('The container allows 0.50 of a core: more workers do not make that more.'),
      notes.join('\n'),
    );
    assert.ok(notes.some((note) => note.startsWith('The container stopped the program for 1400 ms of the trial')));
    assert.ok(!notes.some((note) => note.includes('Other programs')));
    const free = recommend({ ...found, container: { cores: Infinity, stopped: 0 } }, 1, subject);
    assert.ok(!free.notes.some((note) => note.includes('container')));
  });

  test('is many tasks on one thread for what awaits, with the law by tasks', () => {
    const awaits = { awaiting: 9.9 };
    const advice = recommend(
      result(
        100,
        [
          [setting('thread', 1), 99],
          [setting('thread', 1, 8), 790],
          [setting('thread', 1, 32), 3000],
        ],
        awaits,
      ),
      1,
      subject,
    );
    assert.deepEqual([advice.work, advice.workers, advice.tasksPerWorker], ['async-io', 1, 32]);
    assert.equal(advice.command, 'manyhands map ./thumb.ts#resize -j 1 --tasks-per-worker 32');
    assert.equal(advice.model?.of, 'tasks');
  });

  test('says that processes could not be tried, that calls failed, that the machine was busy', () => {
    const found = result(100, [[setting('thread', 4), 300]], { ran: 20, cpu: 9, queued: 10, failed: 3 });
    const advice = recommend(
      {
        ...found,
        noProcesses: new Error('it holds a lock of threads'),
        look: { ...found.look, error: { thrown: new Error('no image') } },
      },
      1,
      subject,
    );
    for (const expected of [/Processes were not tried: it holds a lock/, /3 of 40 calls .* failed: no image/, /busy/]) {
      assert.ok(
        advice.notes.some((note) => expected.test(note)),
        String(expected),
      );
    }
  });
});
