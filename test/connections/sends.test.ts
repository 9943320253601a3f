/**
 * Sends that go wrong, or are made where one would not look for them: they do no harm to what else is sent and received.
 * @module
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { withEnds } from './ends.ts';

describe('a send', () => {
  test('of a value whose getter sends another: both arrive whole', () =>
    withEnds(async ({ client, server }) => {
      const inner: Promise<void>[] = [];
      const value = {
        before: 'x'.repeat(50),
        get now() {
          inner.push(client.send({ inner: [1, 2, 3] }));
          return 'sent meanwhile';
        },
        after: ['y'.repeat(50)],
      };
      for (const each of [value, { symbol: Symbol.for('packed'), value }]) {
        await client.send(each);
        const received = [await server.recv()];
        const sentMeanwhile = inner.length;
        for (let left = sentMeanwhile; left > 0; left--) received.push(await server.recv());
        await Promise.all(inner.splice(0));
        assert.ok(sentMeanwhile > 0);
        assert.deepEqual(received.slice(0, sentMeanwhile), new Array(sentMeanwhile).fill({ inner: [1, 2, 3] }));
        const outer = { before: 'x'.repeat(50), now: 'sent meanwhile', after: ['y'.repeat(50)] };
        assert.deepEqual(received.at(-1), each === value ? outer : { symbol: Symbol.for('packed'), value: outer });
      }
    }));
});
