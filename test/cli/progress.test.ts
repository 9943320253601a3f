/**
 * The bar: its text, who may print beside it, and that it stays off a pipe.
 * @module
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { WriteStream } from 'node:tty';
import { InFlightLimit } from '../../src/cli/in-flight-limit.ts';
import { progressText } from '../../src/cli/progress.ts';
import { duration, inThousands, rateText } from '../../src/cli/quantities.ts';
import { Terminal } from '../../src/cli/terminal.ts';
import { manyhands } from './manyhands.ts';

describe('the text of the bar', () => {
  test('has done and total, share, rate and time left', () => {
    const text = progressText({ done: 250, failed: 0, total: 1000 }, 50, 5000, 100);
    assert.match(text, /^(?:█{10}░{30}|#{10}-{30}) {2}25% {2}250\/1,000 {2}50\/s {2}ETA 0:15$/);
  });

  test('has count, rate and time so far when nobody knows how many there are', () => {
    const state = { done: 12_345, failed: 2, total: undefined };
    assert.equal(progressText(state, 4.25, 65_000, 80), '12,345 done  4.3/s  1:05  2 failed');
  });

  test('fits in its terminal, whatever the width', () => {
    for (let columns = 2; columns < 120; columns += 1) {
      const text = progressText({ done: 999_999, failed: 1, total: 1_000_000 }, 1000, 5000, columns);
      assert.ok(text.length < columns, `${text.length} in ${columns}: ${text}`);
    }
  });

  test('knows no time left before the first is done', () => {
    assert.match(progressText({ done: 0, failed: 0, total: 10 }, 0, 0, 80), /0\/10 {2}0\.0\/s {2}ETA -$/);
  });

  test('has numbers as people read them', () => {
    assert.deepEqual([0, 999, 1000, 1234567].map(inThousands), ['0', '999', '1,000', '1,234,567']);
    assert.deepEqual([0, 0.05, 3.14159, 1234.5].map(rateText), ['0.0/s', '3.0/min', '3.1/s', '1,235/s']);
    assert.deepEqual([0, 7499, 754_000, 3_723_000].map(duration), ['0:00', '0:07', '12:34', '1:02:03']);
  });
});

describe('the bar and what is printed', () => {
  /** A terminal, and all that it is told. */
  function recorded() {
    const log: string[] = [];
    const stream = { isTTY: true, columns: 80, on: () => stream, write: (text: string) => log.push(text) > 0 };
    const terminal = new Terminal(stream as unknown as WriteStream);
    const footer = { draw: () => log.push('<draw>'), clear: () => log.push('<clear>') };
    return { log, terminal, footer };
  }

  test('take turns, whole lines at a time', () => {
    const { log, terminal, footer } = recorded();
    terminal.write('before ');
    terminal.setFooter(footer);
    const aside = terminal.aside();
    aside.write('one\ntw');
    aside.write('o\nrest');
    terminal.removeFooter();
    terminal.write('after');
    const turns = ['<clear>', 'one\n', '<draw>', '<clear>', 'two\n', '<draw>', '<clear>', 'rest', 'after'];
    assert.deepEqual(log, ['before ', ...turns]);
  });

  test('characters that come in two halves stay whole', () => {
    const { log, terminal } = recorded();
    const aside = terminal.aside();
    const euro = Buffer.from('€');
    aside.write(euro.subarray(0, 1));
    aside.write(euro.subarray(1));
    assert.equal(log.join(''), '€');
  });

  test('a pipe sees no bar', async () => {
    const { stderr } = await manyhands(['map', 'work.ts#slow', ':::', '300', '301']);
    assert.deepEqual(stderr.trimEnd().split('\n').sort(), ['begun 300', 'begun 301']);
  });
});

describe('inputs at the workers', () => {
  test('are one for each place while they take long, and more while they are quick', () => {
    const limit = new InFlightLimit(() => 2);
    assert.equal(limit.value, 2);
    for (let i = 0; i < 10; i += 1) limit.answered(1);
    assert.equal(limit.value, 12);
    for (let i = 0; i < 1000; i += 1) limit.answered(0.1);
    assert.equal(limit.value, 128);
    for (let i = 0; i < 50; i += 1) limit.answered(100);
    assert.equal(limit.value, 2);
  });
});
