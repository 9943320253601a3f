/**
 * Patience: for how long looking pays.
 * @module
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Patience } from '../../src/messaging/patience.ts';

describe('Patience', () => {
  test('with one core there is nothing to look for', () => {
    const patience = new Patience(1);
    assert.equal(patience.budget, 0);
    patience.paid();
    assert.equal(patience.budget, 0);
  });

  test('shrinks to nothing while looking is in vain, and is back at once when it pays', () => {
    const patience = new Patience(2);
    const most = patience.budget;
    assert.ok(most > 0 && most < 1, 'a fraction of a millisecond');
    let last = most;
    for (let look = 0; look < 10; look++) {
      patience.wasInVain();
      assert.ok(patience.budget < last || last === 0);
      last = patience.budget;
    }
    assert.equal(last, 0);
    patience.paid();
    assert.equal(patience.budget, most);
  });

  test('looks long, now and then, when it sleeps often and each time for a moment only', (t) => {
    let now = 1000;
    t.mock.method(performance, 'now', () => now);
    const patience = new Patience(2);
    const most = patience.budget;
    const looksLong = (): boolean => patience.budget > most;
    for (let sleep = 0; sleep < 1000; sleep++) patience.slept(5);
    assert.equal(looksLong(), false, 'sleeps that last');
    for (let sleep = 0; sleep < 1000; sleep++) patience.slept(sleep % 10 === 0 ? 5 : 0.05);
    assert.equal(looksLong(), false, 'sleeps that last in between');
    const sleepForMoments = (): void => {
      for (let sleep = 0; sleep < 1000; sleep++) patience.slept(0.05);
    };
    sleepForMoments();
    assert.equal(looksLong(), true);
    assert.equal(looksLong(), false, 'once');
    sleepForMoments();
    assert.equal(looksLong(), false, 'not again at once');
    now += 1000;
    sleepForMoments();
    assert.equal(looksLong(), true);
  });

  test('tries again every so often', () => {
    const patience = new Patience(8);
    const most = patience.budget;
    let tries = 0;
    for (let look = 0; look < 1000; look++) {
      patience.wasInVain();
      if (patience.budget === most) tries += 1;
    }
    assert.ok(tries >= 5 && tries <= 100, `${tries} in a thousand`);
  });
});
