/**
 * Who has an end of a pipe open, where the moment decides.
 * @module
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Event } from '../../src/index.ts';
import { Presence } from '../../src/connections/presence.ts';
import { Core } from '../../src/sync/core.ts';

/** Two objects for the same words: one for each thread, so to speak. */
function two(): { readonly one: Presence; readonly other: Presence; readonly core: Core } {
  const { core } = new Event();
  const again = new Core(core.region, core.at, core.lot);
  return { one: new Presence(core), other: new Presence(again), core };
}

describe('who has an end of a pipe open', () => {
  test('one that is opened in the very moment in which somebody looks is not gone', () => {
    const { one, other, core } = two();
    one.travel();
    assert.equal(one.gone, false);
    const own = core.own.bind(core);
    let opened = false;
    core.own = (index) => {
      const read = own(index);
      if (index === 0 && !opened) {
        opened = true;
        other.open();
      }
      return read;
    };
    assert.deepEqual([one.gone, opened], [false, true]);
  });
});
