/**
 * Who has an end of a pipe open, where the moment decides.
 * @module
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Event, Pipe, PipeConnection } from '../../src/index.ts';
import { Presence } from '../../src/connections/presence.ts';
import { Core } from '../../src/sync/core.ts';
import { packSymbol, unpackSymbol } from '../../src/sync/place.ts';

const eof = { code: 'ERR_EOF' };
const timedOut = { code: 'ERR_TIMEOUT' };

/** Two objects for the same words: one for each thread, so to speak. */
function two(): { readonly one: Presence; readonly other: Presence; readonly core: Core } {
  const { core } = new Event();
  const again = new Core(core.region, core.at, core.lot);
  return { one: new Presence(core), other: new Presence(again), core };
}

describe('who has an end of a pipe open', () => {
  test('an end that is under way to two counts as open until both have opened and closed it', () => {
    const { left: mine, right: theirs } = new Pipe<string>();
    const sent = [0, 1].map(() => PipeConnection[packSymbol](theirs as PipeConnection, 'thread'));
    theirs.close();
    for (const [number, place] of sent.entries()) {
      const end = PipeConnection[unpackSymbol](place);
      end.sendSync(`from ${number}`);
      end.close();
      assert.equal(mine.recvSync(), `from ${number}`);
      if (number === 0) assert.throws(() => mine.recvSync({ timeout: 1 }), timedOut);
    }
    assert.throws(() => mine.recvSync(), eof);
  });

  test('a travel ends once, however often what was packed is unpacked, or given back', () => {
    const { one, other } = two();
    const [first, second] = [one.travel(), one.travel()];
    for (let i = 0; i < 3; i++) other.open(first);
    for (let i = 0; i < 3; i++) other.close();
    one.giveBack(first);
    assert.equal(one.gone, false);
    one.giveBack(second);
    one.giveBack(second);
    assert.deepEqual([one.gone, other.gone], [true, true]);
  });

  test('there may be more travels under way than have a place', () => {
    const { one, other } = two();
    const tickets = Array.from({ length: 40 }, () => one.travel());
    for (const ticket of tickets) {
      assert.equal(one.gone, false);
      other.open(ticket);
      other.close();
    }
    assert.equal(one.gone, true);
  });

  test('one that is opened in the very moment in which somebody looks is not gone', () => {
    const { one, other, core } = two();
    const ticket = one.travel();
    assert.equal(one.gone, false);
    const own = core.own.bind(core);
    let opened = false;
    core.own = (index) => {
      const read = own(index);
      if (index === 0 && !opened) {
        opened = true;
        other.open(ticket);
      }
      return read;
    };
    assert.deepEqual([one.gone, opened], [false, true]);
  });
});
