/**
 * Endless inputs, readers that stop or leave, and Ctrl-C.
 * @module
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { describe, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { kinds, type Running, start, values } from './manyhands.ts';

/** Writes numbered lines to the command for as long as it takes them; returns how many it has been given so far. */
function feedForEver({ child }: Running): () => number {
  let written = 0;
  const feed = (): void => {
    while (child.stdin.writable) {
      written += 1;
      if (!child.stdin.write(`${String(written).padStart(99)}\n`)) break;
    }
  };
  child.stdin.on('drain', feed);
  feed();
  return () => written;
}

/** Resolves once a count has not changed for a while. */
async function settled(count: () => number): Promise<number> {
  for (let before = -1; ; ) {
    const now = count();
    if (now === before && now > 0) return now;
    before = now;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

/** Sends a signal again and again until the run has ended: one that comes too early is not lost. */
async function insist(run: Running, signal: NodeJS.Signals): Promise<void> {
  const timer = setInterval(() => run.child.kill(signal), 150);
  await run.ended;
  clearInterval(timer);
}

/** Files that are not there yet, for `untilThere`: each lets its task go on when it is written. */
async function withGates<T>(names: readonly string[], body: (gates: string[]) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'mh-'));
  try {
    return await body(names.map((name) => join(folder, name)));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Resolves once a process is no more. */
async function gone(pid: number): Promise<void> {
  for (;;) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

for (const kind of kinds) {
  describe(`endings, ${kind}`, () => {
    test('an endless input is read only as far as its results are taken', async () => {
      const run = start(['map', 'work.ts#upper', kind], { input: null, readStdout: false });
      const fed = feedForEver(run);
      // Nobody reads the results
      const first = await settled(fed);
      assert.ok(first < 12_000, `${first} inputs of 100 bytes were taken while nobody read a result`);
      // Somebody reads some of them: it goes on, and stops again
      let seen = 0;
      while (seen < 4_000_000) {
        const chunk: Buffer | null = run.child.stdout.read();
        if (chunk === null) await once(run.child.stdout, 'readable');
        else seen += chunk.length;
      }
      const second = await settled(fed);
      const taken = seen / 102;
      assert.ok(second > taken && second - taken < 12_000, `${second} taken, ${taken} read`);
      // The reader leaves
      run.child.stdout.destroy();
      assert.deepEqual(await run.ended, { code: 141, signal: null, stdout: '', stderr: '' });
    });

    test('a reader that leaves ends it, quietly, workers and all', async () => {
      const run = start(['map', 'work.ts#pid', kind, '-j', '1'], { input: null, readStdout: false });
      feedForEver(run);
      const [chunk] = (await once(run.child.stdout, 'data')) as [Buffer];
      run.child.stdout.destroy();
      const { code, stderr } = await run.ended;
      assert.deepEqual([code, stderr], [141, '']);
      await gone(Number(String(chunk).split('\n')[0]));
    });

    test('the first Ctrl-C reads no more, finishes what runs, and reports', () =>
      withGates(['a', 'b', 'c', 'd'], async (gates) => {
        const run = start(['map', 'work.ts#untilThere', kind, '-j', '2', ':::', ...gates]);
        await Promise.all([run.seen('stderr', /begun .*a\n/), run.seen('stderr', /begun .*b\n/)]);
        run.child.kill('SIGINT');
        await run.seen('stderr', /finishing what is running/);
        for (const gate of gates) writeFileSync(gate, '');
        const { code, stdout, stderr } = await run.ended;
        assert.deepEqual(values(stdout), gates.slice(0, 2));
        assert.match(stderr, /^manyhands: interrupted; finishing what is running\. Ctrl-C again ends it at once\.$/m);
        assert.match(stderr, /^manyhands: interrupted after 2 inputs; further inputs were not read\.$/m);
        assert.doesNotMatch(stderr, /begun .*[cd]$/m);
        assert.equal(code, 130);
      }));

    test('the first Ctrl-C does not wait for an input that does not come', async () => {
      const run = start(['map', 'work.ts#failSome', kind], { input: null });
      run.child.stdin.write('one\nbad\n');
      await run.seen('stdout', /"one"/);
      run.child.kill('SIGINT');
      const { code, stdout, stderr } = await run.ended;
      assert.deepEqual(values(stdout), ['one']);
      assert.match(stderr, /1 of 2 inputs failed:\n {2}input 2: bad: TypeError/);
      assert.equal(code, 130);
    });

    test('a second Ctrl-C ends what would never end, and no worker stays', async () => {
      const run = start(['map', 'work.ts#spin', kind, '-j', '1', ':::', 'a', 'b']);
      await run.seen('stderr', /begun a \d+\n/);
      run.child.kill('SIGINT');
      await run.seen('stderr', /Ctrl-C again/);
      await insist(run, 'SIGINT');
      const { code, stdout, stderr } = await run.ended;
      assert.deepEqual([code, stdout], [130, '']);
      await gone(Number(/begun a (\d+)/.exec(stderr)?.[1]));
    });

    test('SIGTERM ends it at once, and no worker stays', async () => {
      const run = start(['map', 'work.ts#spin', kind, '-j', '1', ':::', 'a']);
      await run.seen('stderr', /begun a \d+\n/);
      run.child.kill('SIGTERM');
      const { code, stderr } = await run.ended;
      assert.equal(code, 143);
      await gone(Number(/begun a (\d+)/.exec(stderr)?.[1]));
    });
  });
}

describe('endings', () => {
  test('two SIGINTs at once are one Ctrl-C, as a runner in between sends them', async () => {
    const press = (): Promise<unknown[]> =>
      withGates(['a', 'b'], async (gates) => {
        const run = start(['map', 'work.ts#untilThere', '-j', '1', ':::', ...gates]);
        await run.seen('stderr', /begun .*a\n/);
        run.child.kill('SIGINT');
        run.child.kill('SIGINT');
        await run.seen('stderr', /finishing what is running/);
        for (const gate of gates) writeFileSync(gate, '');
        const { code, stdout } = await run.ended;
        return [code, ...values(stdout).map((path) => basename(String(path)))];
      });
    // What counts is when the command takes them in: held up in between, it takes them for two presses and ends at once.
    const twoPresses = (outcome: readonly unknown[]): boolean => isDeepStrictEqual(outcome, [130]);
    let outcome = await press();
    for (let tries = 1; twoPresses(outcome) && tries < 5; tries += 1) outcome = await press();
    assert.deepEqual(outcome, [130, 'a']);
  });

  test('an input that never ends has results at once', async () => {
    const run = start(['map', 'work.ts#upper'], { input: null });
    run.child.stdin.write('first\n');
    await run.seen('stdout', /"FIRST"/);
    run.child.stdin.write('second\n');
    await run.seen('stdout', /"SECOND"/);
    run.child.stdin.end();
    assert.equal((await run.ended).code, 0);
  });
});
