/**
 * Results as JSON lines, on standard output and nothing else there.
 * @module
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { kinds, manyhands, values } from './manyhands.ts';

const forms: readonly (readonly [kind: string, json: string])[] = [
  ['undefined', 'null'],
  ['null', 'null'],
  ['nan', 'null'],
  ['bigint', '"12345678901234567890"'],
  ['map', '{"a":{"deep":["1"]}}'],
  ['pairs', '[[1,2]]'],
  ['set', '[1,2]'],
  ['bytes', '"AQL/"'],
  ['buffer', '"aGk="'],
  ['floats', '[0.5,2]'],
  ['date', '"1970-01-01T00:00:00.000Z"'],
  ['invalidDate', 'null'],
  ['regexp', String.raw`"/a\"b/g"`],
  ['error', '{"name":"RangeError","message":"too far"}'],
  ['array', '[null,1,["2"]]'],
  ['object', '{"b":1}'],
  ['text', String.raw`"line\nbreak ` + '\u2028' + String.raw` \ud800"`],
];

for (const kind of kinds) {
  describe(`results, ${kind}`, () => {
    test('of every kind have a form', async () => {
      const { code, stdout, stderr } = await manyhands([
        ...['map', 'work.ts#exotic', kind, ':::'],
        ...forms.map(([name]) => name),
      ]);
      assert.deepEqual(
        stdout.trimEnd().split('\n'),
        forms.map(([, json]) => json),
      );
      assert.deepEqual([code, stderr], [0, '']);
    });

    test('that JSON cannot hold are failures of their inputs', async () => {
      const { code, stdout, stderr } = await manyhands(['map', 'work.ts#exotic', kind, ':::', 'null', 'cycle', 'set']);
      assert.equal(stdout, 'null\n[1,2]\n');
      assert.match(
        stderr,
        /input 2: cycle: ManyhandsError: The result cannot be written as JSON: it contains itself\./,
      );
      assert.equal(code, 1);
    });

    test('come with insights on standard error, if those are asked for and nothing says to be quiet', async () => {
      const args = ['work.ts#exotic', kind, '--insights'];
      const { code, stdout, stderr } = await manyhands(['map', ...args, ':::', 'set', 'cycle']);
      assert.deepEqual([code, stdout], [1, '[1,2]\n']);
      assert.match(
        stderr,
        /^2 tasks, .*\n(.*\n)+Longest:\n +\S+ \S+ {2}(thread|process) \d+ +exotic\('(set|cycle)'\)\n/m,
      );
      const quiet = await manyhands(['map', ...args, '--quiet', ':::', 'set']);
      assert.deepEqual([quiet.code, quiet.stderr], [0, '']);
    });

    test('stand alone on standard output; what the function prints goes to standard error, whole', async () => {
      const inputs = ['a', 'b', 'c'];
      const { code, stdout, stderr } = await manyhands(['map', 'work.ts#chatty', kind, ':::', ...inputs]);
      assert.deepEqual(values(stdout), inputs);
      const expected = inputs.flatMap((each) => [`error ${each}`, `log ${each}`, `out ${each}`]).sort();
      assert.deepEqual(stderr.trimEnd().split('\n').sort(), expected);
      assert.equal(code, 0);
    });

    test('beside their inputs, failures among them', async () => {
      const { code, stdout } = await manyhands([
        ...['map', 'work.ts#failSome', kind, '--results-with-input', ':::'],
        ...['a', 'bad', 'c'],
      ]);
      assert.deepEqual(values(stdout), [
        { input: 'a', result: 'a' },
        { input: 'bad', error: { name: 'TypeError', message: 'no luck with bad', code: 'E_LUCK' } },
        { input: 'c', result: 'c' },
      ]);
      assert.equal(code, 1);
    });

    test('that are large arrive whole', async () => {
      const { stdout } = await manyhands(['map', 'work.ts#long', kind, ':::', 'abc', 'de']);
      assert.deepEqual(values(stdout), ['abc'.repeat(100_000), 'de'.repeat(100_000)]);
    });
  });
}

describe('results', () => {
  test('beside inputs that are JSON have them as values', async () => {
    const { stdout } = await manyhands(['map', 'work.ts#typeOf', '--json', '--results-with-input', ':::', '[1]', '[']);
    const [first, second] = values(stdout) as [unknown, { input: unknown; error: { name: string } }];
    assert.deepEqual(first, { input: [1], result: 'object [1]' });
    assert.deepEqual([second.input, second.error.name], ['[', 'SyntaxError']);
  });

  test('are not disturbed by a module that prints while it is loaded and leaves a timer behind', async () => {
    const { code, stdout, stderr } = await manyhands(['map', 'chatty-module.mjs', ':::', 'x']);
    assert.equal(stdout, '"x"\n');
    assert.match(stderr, /^loaded$/m);
    assert.equal(code, 0);
  });
});

describe('results, --auto', () => {
  test('are those of every kind, in order', async () => {
    const inputs = Array.from({ length: 300 }, (_, n) => `${n}`);
    const { code, stdout, stderr } = await manyhands(['map', 'work.ts#upper', '--auto', ':::', ...inputs]);
    assert.deepEqual([code, stderr], [0, '']);
    assert.deepEqual(values(stdout), inputs);
  });

  test('with --processes or --threads are refused', async () => {
    for (const other of ['--processes', '--threads']) {
      const { code, stderr } = await manyhands(['map', 'work.ts#upper', '--auto', other, ':::', 'a']);
      assert.equal(code, 2);
      assert.match(stderr, /'--auto'/);
    }
  });
});
