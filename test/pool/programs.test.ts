/** Pools seen from outside: programs that use them, their output and their end. @module */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type ProgramEnd, runProgram } from '../run-program.ts';

const fixture = (name: string): string => fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url));
const run = (name: string, args: readonly string[], flags: readonly string[] = [], env = {}): Promise<ProgramEnd> =>
  runProgram(process.execPath, [...flags, fixture(name), ...args], { env });

/** The lines of a stream, each with the worker and the number that it carries. */
function checkLines(text: string, stream: string, workers: number, each: number): void {
  const next = new Array<number>(workers).fill(0);
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('main:')) continue;
    const match = /^(out|err) (\d) (\d+) (x*) (\d+)$/.exec(line);
    assert.ok(match !== null, `a broken line on ${stream}: ${line.slice(0, 80)}`);
    const [, of, worker, number, filler, length] = match;
    assert.equal(of, stream);
    assert.equal(filler?.length, Number(length), 'the line is whole');
    assert.equal(Number(number), next[Number(worker)], `lines of worker ${worker} are in order`);
    next[Number(worker)] = Number(number) + 1;
  }
  assert.deepEqual(next, new Array(workers).fill(each), 'no line is missing');
}

for (const kind of ['thread', 'process', 'hybrid'] as const) {
  describe(`programs with a pool of kind ${kind}`, () => {
    it('executorshutdo-02: the program waits for work in flight, and then ends by itself', async () => {
      const end = await run('in-flight.ts', [kind]);
      assert.deepEqual(end.stdout.trim().split('\n').sort(), [
        'answer 0',
        'answer 1',
        'answer 2',
        'answer 3',
        'end of main',
      ]);
      assert.equal(end.stdout.indexOf('end of main'), 0);
      assert.equal(end.stderr, '');
      assert.equal(end.code, 0);
    });

    it('pool-21: an unclosed pool at rest uses no processor time and lets the program end', async () => {
      const end = await run('at-rest.ts', [kind]);
      assert.equal(end.code, 0, end.stderr);
      const { milliseconds, pending } = JSON.parse(end.stdout) as { milliseconds: number; pending: number };
      assert.ok(milliseconds < 50, `${milliseconds} ms of processor time in a second at rest`);
      assert.equal(pending, 0);
    });

    it('a rejection that nobody handles ends the program, as with any promise', async () => {
      const end = await run('unhandled.ts', [kind]);
      assert.equal(end.code, 1);
      assert.match(end.stderr, /RangeError: nobody listens/);
    });

    it('10,000 lines of four workers arrive whole and in order, through a pipe', async () => {
      const end = await run('output.ts', [kind]);
      assert.equal(end.code, 0, end.stderr.slice(-500));
      checkLines(end.stdout, 'out', 4, 2500);
      checkLines(end.stderr, 'err', 4, 2500);
      assert.match(end.stdout, /main: done\n$/);
    });

    it('output without a line end is not lost when the pool is closed', async () => {
      const end = await run('last-words.ts', [kind]);
      assert.equal(end.code, 0, end.stderr);
      assert.equal(end.stdout.length, 300_010);
      assert.ok(end.stdout.endsWith('last words'));
    });

    it('flags, NODE_OPTIONS and environment reach the workers', async () => {
      const own = JSON.stringify({ execArgv: ['--no-deprecation'], env: { MANYHANDS_MINE: 'pool' } });
      const end = await run('flags.ts', [kind, own], ['--no-warnings'], {
        NODE_OPTIONS: `${process.env['NODE_OPTIONS'] ?? ''} --import=${new URL('./fixtures/preload.mjs', import.meta.url).href}`,
      });
      assert.equal(end.code, 0, end.stderr);
      const seen = JSON.parse(end.stdout) as Record<string, unknown>;
      assert.deepEqual(seen['execArgv'], ['--no-warnings', '--no-deprecation']);
      assert.match(String(seen['options']), /preload\.mjs/);
      assert.equal(seen['mine'], 'pool');
      assert.equal(seen['preloaded'], true);
    });

    it('a variable can be taken away; --import on the command line reaches the workers', async () => {
      const preload = new URL('./fixtures/preload.mjs', import.meta.url).href;
      const end = await run('flags.ts', [kind], [`--import=${preload}`], { MANYHANDS_GONE: 'still here' });
      const seen = JSON.parse(end.stdout) as Record<string, unknown>;
      assert.equal(seen['preloaded'], true);
      assert.equal(seen['gone'], 'still here');
      const removed = await run('flags.ts', [kind, JSON.stringify({ env: { MANYHANDS_MINE: 'x' } })], [], {
        MANYHANDS_MINE: 'outer',
      });
      assert.equal((JSON.parse(removed.stdout) as Record<string, unknown>)['mine'], 'x');
    });

    it('a program that ends with --input-type and -e flags starts workers without them', async () => {
      const source = `
        const { Pool } = await import(${JSON.stringify(new URL('../../src/index.ts', import.meta.url).href)});
        const pool = new Pool({ kind: '${kind}', workers: 1 });
        console.log(await pool.submit((a, b) => a + b, 1, 2));
        await pool.close();`;
      const end = await runProgram(process.execPath, ['--input-type=module', '-e', source]);
      assert.equal(end.stdout.trim(), '3', end.stderr);
      assert.equal(end.code, 0);
    });

    it('a loader (tsx) reaches the workers', async () => {
      const tsx = import.meta.resolve('tsx');
      const end = await runProgram(process.execPath, ['--import', tsx, fixture('broken/through-tsx.ts'), kind]);
      assert.equal(end.stdout.trim(), 'painted red 40', end.stderr);
      assert.equal(end.code, 0);
    });
  });
}
