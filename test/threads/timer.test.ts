/** Timers: threads that wait first. @module */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { int32, Timer, Value } from '../../src/index.ts';

describe('Timer', () => {
  it('timer-01: it calls once, after the interval; arguments are its own, and join tells the result', async () => {
    const calls = new Value(int32);
    const call = (list: number[] = []): number[] => {
      calls.add(1);
      list.push(1);
      return list;
    };
    const began = performance.now();
    const timers = [new Timer(30, call), new Timer(30, call)];
    for (const timer of timers) timer.start();
    assert.deepEqual(await Promise.all(timers.map((timer) => timer.join())), [[1], [1]]);
    assert.ok(performance.now() - began >= 29);
    assert.equal(calls.value, 2);
    assert.match((timers[0] as Timer).name, /^Timer-\d+ \(call\)$/);
  });

  it('cancelled before its time it never calls, and ends', async () => {
    const calls = new Value(int32);
    const timer = new Timer(600_000, () => calls.add(1));
    timer.start();
    timer.cancel();
    assert.equal(await timer.join(), undefined);
    const early = new Timer(0, () => calls.add(1));
    early.cancel();
    early.start();
    assert.equal(await early.join(), undefined);
    assert.equal(calls.value, 0);
  });

  it('goes off while the thread that made it is blocked', () => {
    const calls = new Value(int32);
    const timer = new Timer(1, () => calls.add(1));
    timer.start();
    for (const end = performance.now() + 60_000; calls.value === 0; )
      assert.ok(performance.now() < end, 'it did not go off');
  });

  it('what the function throws is what join rejects with; bad input is refused', async () => {
    const timer = new Timer(0, () => {
      throw new RangeError('too late');
    });
    timer.start();
    await assert.rejects(timer.join(), { name: 'RangeError', message: 'too late' });
    for (const bad of [-1, Number.NaN, '5', undefined])
      assert.throws(() => new Timer(bad as number, () => 1), { code: 'ERR_INVALID_OPTION' });
    assert.throws(() => new Timer(1, undefined as never), { code: 'ERR_INVALID_OPTION' });
  });
});
