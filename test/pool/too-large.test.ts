/**
 * What is too large for one message between processes: refused, on the way there and on the way back, and everything goes on.
 * @module
 */
import assert from 'node:assert/strict';
import { freemem } from 'node:os';
import { describe, it } from 'node:test';
import { activeChildren, Process } from '../../src/index.ts';
import { rejection, withPool } from '../contract/with-pool.ts';

const GIB = 2 ** 30;
/** A message is encoded before its size is known, beside what it is made of: seconds and gigabytes that other tests need as well. */
const skip =
  freemem() < 12 * GIB
    ? 'less than 12 GiB of memory are free'
    : Number.parseInt(process.versions.node, 10) < 26 && 'tried on one Node: it is the same on all';
const large = { skip, timeout: 220_000 };

function assertTooLarge(thrown: unknown): void {
  const error = thrown as Error & { readonly code?: unknown };
  assert.equal(error.code, 'ERR_MESSAGE_TOO_LARGE');
  assert.match(error.message, /A message of 21474\d{5} bytes .* the limit is 2147483647/);
}

describe('a message of more than 2 GiB', () => {
  it('to a pool and back from it; the worker goes on', large, () =>
    withPool({ kind: 'process', workers: 1 }, async (pool) => {
      const worker = await pool.submit(() => process.pid);
      const sticky = pool.with({ sticky: 'a key', retries: 1, backoff: 0, retryIf: () => true });
      assertTooLarge(await rejection(sticky.submit((bytes: Uint8Array) => bytes.length, new Uint8Array(2 * GIB))));
      assert.equal(await pool.submit(() => process.pid), worker);
      assertTooLarge(await rejection(pool.submit((bytes: number) => new Uint8Array(bytes), 2 * GIB)));
      assert.equal(await pool.submit(() => process.pid), worker);
    }),
  );

  it('to a process: start throws, and leaves nothing behind', large, () => {
    const taker = new Process((bytes: Uint8Array) => bytes.length, [new Uint8Array(2 * GIB)]);
    let thrown: unknown;
    try {
      taker.start();
    } catch (error) {
      thrown = error;
    }
    assertTooLarge(thrown);
    assert.deepEqual([taker.alive, taker.exitCode, activeChildren()], [false, null, []]);
  });
});
