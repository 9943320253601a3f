/**
 * What is kept of a worker's standard error, against the whole of it.
 * @module
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { LastLines } from '../../src/workers/last-lines.ts';

const textOf = (chunks: readonly string[]): string => {
  const lines = new LastLines();
  for (const chunk of chunks) lines.note(Buffer.from(chunk));
  return lines.text;
};

describe('last lines', () => {
  test('nothing, less than a line, and lines that come in pieces', () => {
    assert.equal(textOf([]), '');
    assert.equal(textOf(['\n\n']), '');
    assert.equal(textOf(['hal', 'f']), 'half');
    assert.equal(textOf(['one\ntw', 'o\n', '\n']), 'one\ntwo');
  });

  test('twenty lines at most, and whole ones', () => {
    const line = fc.string({ unit: fc.constantFrom('a', 'é', ' ', '€'), maxLength: 300 }).map((text) => `|${text}|`);
    fc.assert(
      fc.property(fc.array(line, { maxLength: 60 }), fc.array(fc.nat({ max: 2000 })), (all, cuts) => {
        const whole = all.map((each) => `${each}\n`).join('');
        const chunks: string[] = [];
        let rest = whole;
        for (const cut of cuts) {
          chunks.push(rest.slice(0, cut));
          rest = rest.slice(cut);
        }
        const shown = textOf([...chunks, rest]);
        const lines = shown === '' ? [] : shown.split('\n');
        assert.deepEqual(lines, all.slice(all.length - lines.length));
        assert.ok(lines.length <= 20);
        if (lines.length < Math.min(20, all.length)) assert.ok(Buffer.byteLength(whole) > 4096);
      }),
    );
  });

  test('the end of a line that is longer than what is kept', () => {
    const text = textOf([`first\n${'x'.repeat(10_000)}`]);
    assert.match(text, /^x{4096}$/);
  });
});
