/**
 * `manyhands advise`: answers on standard output, refuses with a reason, and calls nothing when it is asked not to.
 * @module
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { manyhands, start } from './manyhands.ts';

describe('manyhands advise', () => {
  test('answers in text, on standard output alone', async () => {
    const { code, stdout, stderr } = await manyhands([
      'advise',
      'work.ts#upper',
      '--budget',
      '8000',
      '--limit',
      '5000',
      ':::',
      'a',
      'b',
    ]);
    assert.deepEqual([code, stderr], [0, '']);
    assert.match(stdout, /^Run it (where you are|on \d)/);
    assert.match(stdout, /\n {2}manyhands map work\.ts#upper -j \d/);
    assert.match(stdout, /\nCalls a second:\n(?: {2}.*\n)* {2}no pool +\S+/);
  });

  test('answers in JSON, with inputs from a file or from standard input', async () => {
    const args = ['advise', 'work.ts#typeOf', '--json', '--format', 'json', '--budget', '8000', '--limit', '8000'];
    const { code, stdout } = await manyhands(args, { input: '1\n{"a":[]}\nno json\n' });
    assert.equal(code, 0);
    const advice = JSON.parse(stdout) as { kind: string; trials: unknown[]; task: { failed: number }; calls: number };
    assert.ok(['none', 'thread', 'process'].includes(advice.kind));
    assert.ok(advice.trials.length > 0 && advice.calls <= 8000);
    assert.equal(advice.task.failed, 0);
  });

  test('says what it would do, and does nothing of it', async () => {
    const { code, stdout, stderr } = await manyhands([
      'advise',
      'work.ts#chatty',
      '--dry',
      '--limit',
      '50',
      ':::',
      'a',
      'b',
    ]);
    assert.deepEqual([code, stderr], [0, '']);
    assert.match(
      stdout,
      /^Would call .* 2 different inputs, .*at most 50 times and for at most 3 s, .*Nothing was called\.\n$/,
    );
  });

  test('what the function prints goes to standard error', async () => {
    const { code, stdout, stderr } = await manyhands([
      'advise',
      'work.ts#chatty',
      '--budget',
      '8000',
      '--limit',
      '40',
      ':::',
      'a',
    ]);
    assert.equal(code, 0);
    assert.doesNotMatch(stdout, /^(log|out|error) a$/m);
    assert.match(stderr, /^log a$/m);
  });

  test('has no advice for what only fails', async () => {
    const { code, stdout, stderr } = await manyhands(['advise', 'work.ts#failSome', '--budget', '8000', ':::', 'bad']);
    assert.deepEqual([code, stdout], [1, '']);
    assert.match(stderr, /^manyhands: Every call has failed.* no luck with bad\n$/);
  });

  test('ends with Ctrl-C, and answers nothing', async () => {
    const running = start(['advise', 'work.ts#chatty', '--budget', '60000', ':::', 'a']);
    await running.seen('stderr', /log a/);
    running.child.kill('SIGINT');
    const { code, stdout } = await running.ended;
    assert.deepEqual([code, stdout], [130, '']);
  });

  for (const [args, message] of [
    [['work.ts#upper'], /there is no input to measure the function on/],
    [
      ['work.ts#upper', '--budget', '5', ':::', 'a'],
      /--budget must be a number of milliseconds of at least 100, not 5/,
    ],
    [['work.ts#upper', '--jobs', '500', ':::', 'a'], /--jobs must be a whole number from 1 to 200, not 500/],
    [['work.ts#upper', '--limit', '0', ':::', 'a'], /--limit/],
    [['work.ts#upper', '--format', 'xml', ':::', 'a'], /--format/],
    [['work.ts#nothing', ':::', 'a'], /has no export "nothing"/],
    [['work.ts#upper', '-a', 'x.txt', ':::', 'a'], /inputs are given twice/],
    [['work.ts#upper', '--processes', ':::', 'a'], /unknown option '--processes'/],
  ] as const) {
    test(`refuses ${args.join(' ')}`, async () => {
      const { code, stdout, stderr } = await manyhands(['advise', ...args]);
      assert.deepEqual([code, stdout], [2, '']);
      assert.match(stderr, message);
    });
  }
});
