/**
 * What signals come to, by when they come.
 * @module
 */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, mock, test } from 'node:test';
import { onInterrupt } from '../../src/cli/interrupt.ts';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

describe('signals to the command', () => {
  let time: number;
  let told: (string | number)[];
  let before: NodeJS.SignalsListener[][];
  const send = (signal: NodeJS.Signals): void => void process.emit(signal, signal);

  beforeEach(() => {
    time = 5;
    told = [];
    before = signals.map((signal) => process.listeners(signal) as NodeJS.SignalsListener[]);
    mock.method(performance, 'now', () => time);
    onInterrupt({ onDrain: () => told.push('drain'), onEnd: (exitCode) => told.push(exitCode) });
  });

  afterEach(() => {
    mock.restoreAll();
    for (const [index, signal] of signals.entries()) {
      for (const listener of process.listeners(signal) as NodeJS.SignalsListener[]) {
        if (!before[index]?.includes(listener)) process.off(signal, listener);
      }
    }
  });

  test('two SIGINTs within 100 ms are one Ctrl-C, a later one is the second', () => {
    send('SIGINT');
    assert.deepEqual(told, ['drain']);
    send('SIGINT');
    time += 100;
    send('SIGINT');
    assert.deepEqual(told, ['drain']);
    time += 1;
    send('SIGINT');
    assert.deepEqual(told, ['drain', 130]);
  });

  test('any other signal ends it at once, also right after a SIGINT', () => {
    send('SIGTERM');
    assert.deepEqual(told, [143]);
    send('SIGINT');
    send('SIGHUP');
    assert.deepEqual(told, [143, 'drain', 129]);
  });
});
