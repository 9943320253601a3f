/**
 * The reader of `// Output:` comments: a check that accepts anything would check nothing.
 * @module
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { difference, expectedOutput } from './expected-output.ts';

const compare = (comment: string, stdout: string): string | undefined => {
  const expected = expectedOutput(`work();\n${comment}`);
  assert.ok(expected);
  return difference(expected, stdout);
};

describe('an // Output: comment', () => {
  test('is the last thing in the file', () => {
    assert.deepEqual(expectedOutput('a();\n\n// Output:\n// one\n//\n// two\n')?.lines, ['one', '', 'two']);
    assert.equal(expectedOutput('a();\n'), undefined);
    assert.equal(expectedOutput('a();\n// Output:\n'), undefined);
    assert.equal(expectedOutput('// Output:\n// one\na();\n'), undefined);
  });

  const same: readonly (readonly [comment: string, stdout: string])[] = [
    ['// Output:\n// one\n// two', 'one\ntwo\n'],
    ['// Output:\n// one (1)', 'one (1)\r\n'],
    ['// Output:\n// pid … done', 'pid 4711 done\n'],
    ['// Output:\n// took {{\\d+}} ms', 'took 12 ms\n'],
    ['// Output:\n// first\n// …\n// last', 'first\nlast\n'],
    ['// Output:\n// first\n// …\n// last', 'first\na\nlast\nb\nlast\n'],
    ['// Output (any order):\n// one\n// two', 'two\none\n'],
    ['// Output (any order):\n// … one\n// a one', 'a one\nb one\n'],
  ];
  for (const [comment, stdout] of same) {
    test(`holds: ${JSON.stringify(comment)} for ${JSON.stringify(stdout)}`, () =>
      assert.equal(compare(comment, stdout), undefined));
  }

  const different: readonly (readonly [comment: string, stdout: string, expected: RegExp])[] = [
    ['// Output:\n// one\n// two', 'one\n', /line 2 should be "two" and is undefined/],
    ['// Output:\n// one', 'one\ntwo\n', /no more after line 1, and there is "two"/],
    ['// Output:\n// one\n// two', 'two\none\n', /line 1 should be "one" and is "two"/],
    ['// Output:\n// a.c', 'abc\n', /should be "a\.c"/],
    ['// Output:\n// took {{\\d+}} ms', 'took long ms\n', /should be/],
    ['// Output:\n// first\n// …\n// last', 'first\nlast\nmore\n', /should be no more|should be "last"/],
    ['// Output (any order):\n// one\n// one', 'one\ntwo\n', /missing: "one"/],
    ['// Output (any order):\n// one', 'one\ntwo\n', /more than expected: "two"/],
  ];
  for (const [comment, stdout, expected] of different) {
    test(`fails: ${JSON.stringify(comment)} for ${JSON.stringify(stdout)}`, () => {
      assert.match(compare(comment, stdout) ?? 'no difference', expected);
    });
  }
});
