/**
 * Processes die of whose end nobody hears who could tell: whoever started them is dead or blocked. Those who wait are told all the same.
 * @module
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Event, Pipe, type PipeConnection, Process, sleep } from '../../src/index.ts';

/** Milliseconds after which somebody counts as not told. A wait with a timeout of its own would look when that is over. */
const PATIENCE = 60_000;

const dies = (): unknown => process.kill(process.pid, 'SIGKILL');

/** What a wait comes to, in a word. */
async function outcome(wait: Promise<unknown>): Promise<unknown> {
  const stop = new AbortController();
  const late = sleep(PATIENCE, { signal: stop.signal }).then(
    () => 'was not told',
    () => 'stopped',
  );
  try {
    return await Promise.race([wait.catch((error: { readonly code?: unknown }) => error.code), late]);
  } finally {
    stop.abort();
  }
}

describe('deaths of which nobody tells', { skip: process.platform !== 'linux' }, () => {
  for (const early of [true, false]) {
    test(`a process whose starter was killed ends, and whoever waits for it ${early ? 'already' : 'from then on'} is told`, async () => {
      const { left: mine, right: theirs } = new Pipe<string>({ scope: 'process' });
      const [up, go] = [new Event({ scope: 'process' }), new Event({ scope: 'process' })];
      const first = new Process(
        async (end: PipeConnection<string>, up: Event, go: Event) => {
          const second = new Process(
            (_end: PipeConnection<string>, up: Event, go: Event) => {
              up.set();
              go.waitSync(); // it does not hear that its owner is gone
              dies();
            },
            [end, up, go],
          );
          second.start();
          end.close();
          await second.join();
        },
        [theirs, up, go],
      );
      const already = early ? mine.recv() : undefined;
      already?.catch(() => {}); // looked at below: its time begins when all are up
      first.start();
      theirs.close();
      await up.wait();
      const joined = first.join().catch(() => {});
      await first.kill();
      await joined;
      const told = outcome(already ?? mine.recv());
      go.set();
      assert.equal(await told, 'ERR_EOF');
    });
  }

  test('a process ends while whoever started it is blocked', async () => {
    const { left, right } = new Pipe<string>({ scope: 'process' });
    const [ready, go, done] = [1, 2, 3].map(() => new Event({ scope: 'process' })) as [Event, Event, Event];
    const dying = new Process(
      async (end: PipeConnection<string>, go: Event) => {
        await end.send('up');
        await go.wait();
        dies();
      },
      [left, go],
    );
    const waiting = new Process(
      async (end: PipeConnection<string>, ready: Event, done: Event) => {
        await end.recv();
        const next = end.recv().catch((error: { readonly code?: unknown }) => error.code);
        ready.set();
        const told = await next;
        done.set();
        return told;
      },
      [right, ready, done],
    );
    for (const each of [dying, waiting]) each.start();
    const joined = dying.join().catch(() => {});
    for (const end of [left, right]) end.close();
    await ready.wait();
    go.set();
    assert.equal(done.waitSync({ timeout: PATIENCE }), true);
    assert.equal(await waiting.join(), 'ERR_EOF');
    await joined;
  });
});
