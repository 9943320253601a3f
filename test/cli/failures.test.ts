/**
 * Inputs that fail: the others go on, the report names them, the exit code counts them.
 * @module
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { kinds, manyhands, values } from './manyhands.ts';

for (const kind of kinds) {
  describe(`failures, ${kind}`, () => {
    test('are reported at the end, with their inputs', async () => {
      const inputs = ['a', 'bad 1', 'b', 'bad 2', 'c'];
      const { code, stdout, stderr } = await manyhands(['map', 'work.ts#failSome', kind, ':::', ...inputs]);
      assert.deepEqual(values(stdout), ['a', 'b', 'c']);
      assert.equal(
        stderr,
        'manyhands: 2 of 5 inputs failed:\n' +
          '  input 2: bad 1: TypeError: no luck with bad 1\n' +
          '  input 4: bad 2: TypeError: no luck with bad 2\n',
      );
      assert.equal(code, 2);
    });

    test('of a worker that dies take nothing else with them', async () => {
      const { code, stdout, stderr } = await manyhands([
        'map',
        'work.ts#die',
        kind,
        '-j',
        '1',
        ':::',
        'a',
        'die',
        'b',
        'c',
      ]);
      assert.deepEqual(values(stdout), ['a', 'b', 'c']);
      assert.match(stderr, /1 of 4 inputs failed:\n {2}input 2: die: WorkerDiedError: .*exit code 3/);
      assert.equal(code, 1);
    });

    test('by timeout, counted from the start of each', async () => {
      const { code, stdout, stderr } = await manyhands([
        ...['map', 'work.ts#slow', kind, '--timeout', '5000', '-j', '1', ':::'],
        ...['1', '600000', '2'],
      ]);
      assert.deepEqual(values(stdout), ['1', '2']);
      assert.match(stderr, /input 2: 600000: TimeoutError: .*5000 ms/);
      assert.equal(code, 1);
    });
  });
}

describe('failures', () => {
  test('are counted by the exit code up to 101', async () => {
    const codes = [100, 101, 102, 400].map(async (count) => {
      const input = 'bad\n'.repeat(count);
      return (await manyhands(['map', 'work.ts#failSome', '--quiet'], { input })).code;
    });
    assert.deepEqual(await Promise.all(codes), [100, 101, 101, 101]);
  });

  test('beyond a thousand are counted and not listed', async () => {
    const { stderr } = await manyhands(['map', 'work.ts#failSome'], { input: 'bad\n'.repeat(1500) });
    assert.match(stderr, /^manyhands: 1,500 of 1,500 inputs failed:\n/);
    assert.equal(stderr.match(/^ {2}input /gm)?.length, 1000);
    assert.match(stderr, /and 500 more; --results-with-input tells them all\n$/);
  });

  test('tell code and place with --verbose', async () => {
    const { stderr } = await manyhands(['map', 'work.ts#failSome', '--verbose', ':::', 'bad']);
    assert.match(stderr, /TypeError: no luck with bad\n {4}code E_LUCK\n {4}at failSome \(.+\)\n$/);
  });

  test('say nothing with --quiet', async () => {
    assert.deepEqual(await manyhands(['map', 'work.ts#failSome', '-q', ':::', 'bad', 'good']), {
      code: 1,
      signal: null,
      stdout: '"good"\n',
      stderr: '',
    });
  });

  test('may have thrown anything', async () => {
    const { code, stderr } = await manyhands(['map', 'work.ts#throwFalsy', ':::', 'x']);
    assert.match(stderr, /input 1: x: thrown: null\n$/);
    assert.equal(code, 1);
  });

  test('of long inputs show their beginning', async () => {
    const { stderr } = await manyhands(['map', 'work.ts#typeOf', '--json', ':::', `[${'1,'.repeat(5000)}`]);
    assert.match(stderr, /input 1: \[(?:1,)+1?… \(10,001 characters\): SyntaxError: /);
  });
});
