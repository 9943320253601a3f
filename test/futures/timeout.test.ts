/** Work with a deadline. @module */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inspect } from 'node:util';
import { CancelledError, type Deadline, sleep, timeout, timeoutAt, TimeoutError } from '../../src/index.ts';

const HOUR = 3_600_000;
/** Until its signal is aborted; rejects with what that says. */
const forever = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));
const failure = async (promise: Promise<unknown>): Promise<Error> => {
  try {
    await promise;
  } catch (error) {
    return error as Error;
  }
  throw new Error('It should have failed.');
};

describe('timeout', () => {
  it('timeouts-02 timeouts-07 timeouts-25: the work sees that it is given up, the caller a TimeoutError whose cause that is', async () => {
    let seen: unknown;
    const error = await failure(
      timeout(300, async (signal) => {
        try {
          await forever(signal);
        } catch (reason) {
          seen = reason;
          throw reason;
        }
      }),
    );
    assert.ok(error instanceof TimeoutError);
    assert.ok(seen instanceof CancelledError);
    assert.equal(error.cause, seen);
    assert.match(error.message, /the (?:[12]?\d?\d|300) ms that it had/);
  });

  it('timeouts-01: until a time of the clock', async () => {
    assert.ok((await failure(timeoutAt(performance.now() + 2, forever))) instanceof TimeoutError);
    assert.equal(await timeoutAt(performance.now() + HOUR, () => 1), 1);
  });

  it('timeouts-03 timeouts-04 timeouts-26 timeouts-27: what is done in time is returned, and nothing has expired; Infinity is no bound', async () => {
    let last: Deadline | undefined;
    for (const ms of [HOUR, Infinity]) {
      const result = await timeout(ms, async (_, deadline) => {
        last = deadline;
        return 'done';
      });
      assert.equal(result, 'done');
      assert.equal(last?.expired, false);
    }
  });

  it('timeouts-05 timeouts-06 timeouts-23 timeouts-29: with no time at all the work is not begun', async () => {
    let begun = false;
    for (const ms of [0, -5]) {
      const error = await failure(timeout(ms, () => (begun = true)));
      assert.ok(error instanceof TimeoutError);
    }
    assert.equal(begun, false);
  });

  it('timeouts-08 timeouts-30: an error of its own, thrown while it gives up, is what the caller gets', async () => {
    const error = await failure(
      timeout(300, async (signal) => {
        await forever(signal).catch(() => {});
        throw new RangeError('while cleaning up');
      }),
    );
    assert.ok(error instanceof RangeError);
  });

  it('timeouts-22: its cleaning up is awaited', async () => {
    const steps: string[] = [];
    await failure(
      timeout(300, async (signal) => {
        try {
          await forever(signal);
        } finally {
          await sleep(5);
          steps.push('cleaned');
        }
      }),
    );
    assert.deepEqual(steps, ['cleaned']);
  });

  it('timeouts-28 timeouts-32: a result that comes all the same is returned', async () => {
    assert.equal(await timeout(300, (signal) => forever(signal).catch(() => 'late')), 'late');
  });

  it('timeouts-09 timeouts-12: nested, each tells its own time; the outer one fires after an inner one was handled', async () => {
    const inner: unknown[] = [];
    const error = await failure(
      timeout(HOUR, async (signal, deadline) => {
        inner.push(await failure(timeout(2, forever, { signal })));
        deadline.reschedule(performance.now() + 2);
        await forever(signal);
      }),
    );
    assert.ok(error instanceof TimeoutError && error !== inner[0]);
    assert.ok(inner[0] instanceof TimeoutError);
  });

  it('timeouts-10 timeouts-31 timeouts-33: given up from outside it is that, not a timeout', async () => {
    const reason = new Error('from outside');
    for (const ms of [HOUR, Infinity]) {
      const stop = new AbortController();
      const waiting = timeout(ms, forever, { signal: stop.signal });
      stop.abort(reason);
      assert.equal(await failure(waiting), reason);
    }
    const stop = new AbortController();
    const ended = timeout(
      HOUR,
      async () => {
        stop.abort(reason);
        return 'a result';
      },
      { signal: stop.signal },
    );
    assert.equal(await failure(ended), reason);
    assert.equal(await failure(timeout(HOUR, () => 1, { signal: AbortSignal.abort(reason) })), reason);
  });

  it('timeouts-13 timeouts-20: a deadline is moved or taken away while it is active, and not afterwards', async () => {
    let kept: Deadline | undefined;
    const moved = await timeout(HOUR, async (signal, deadline) => {
      deadline.reschedule(Infinity);
      assert.equal(deadline.when, Infinity);
      deadline.reschedule(performance.now() + 2);
      kept = deadline;
      return forever(signal).catch(() => deadline.expired);
    });
    assert.equal(moved, true);
    assert.throws(() => kept?.reschedule(HOUR), { code: 'ERR_INVALID_STATE' });
    assert.throws(() => kept?.reschedule(Number.NaN), { code: 'ERR_INVALID_STATE' });
  });

  it('timeouts-14 timeouts-15 timeouts-16: shows how it stands', async () => {
    const texts: string[] = [];
    await timeout(HOUR, async (signal, deadline) => {
      texts.push(inspect(deadline));
      deadline.reschedule(Infinity);
      texts.push(inspect(deadline));
      deadline.reschedule(0);
      await forever(signal).catch(() => {});
      texts.push(inspect(deadline));
    });
    assert.match(texts[0] as string, /^Deadline \{ active, in 3[56]\d{5} ms \}$/);
    assert.deepEqual(texts.slice(1), ['Deadline { active, never }', 'Deadline { expired }']);
  });

  it('timeouts-11 timeouts-17 timeouts-18: one within the cleaning up of another works', async () => {
    const error = await failure(
      timeout(2, async (signal) => {
        await forever(signal).catch(() => {});
        await timeout(2, forever);
      }),
    );
    assert.ok(error instanceof TimeoutError);
  });

  it('timeouts-34 timeouts-35 timeouts-36: what is not given the signal goes on', async () => {
    const { promise: shielded, resolve } = Promise.withResolvers<string>();
    assert.ok((await failure(timeout(0, () => shielded))) instanceof TimeoutError);
    assert.ok(
      (await failure(timeout(1, (signal) => Promise.race([shielded, forever(signal)])))) instanceof TimeoutError,
    );
    resolve('through');
    assert.equal(await timeout(Infinity, () => shielded), 'through');
  });

  it('refuses what is no time and no work', async () => {
    for (const bad of [Number.NaN, '5', undefined])
      assert.throws(() => timeout(bad as number, () => 1), { code: 'ERR_INVALID_OPTION' });
    assert.equal(((await failure(timeout(5, 'work' as never))) as { code?: string }).code, 'ERR_INVALID_OPTION');
  });
});

// timeouts-19 timeouts-21 (entered twice, moved before it is entered): the deadline is made when the work is called.
// timeouts-24 (no time, running work): the work is given as a function, so it does not run yet.
