/**
 * The command line: help, versions, and calls that cannot be carried out.
 * @module
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { manyhands, values } from './manyhands.ts';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  readonly version: string;
};

describe('help', () => {
  test('of the command, asked for in three ways', async () => {
    const [first, ...others] = await Promise.all([
      manyhands(['map', '--help']),
      manyhands(['map', '-h']),
      manyhands(['help', 'map']),
    ]);
    assert.deepEqual([first?.code, first?.stderr], [0, '']);
    for (const part of [':::', '--processes', '--jobs', '--arg-file', '--json', '101', '130']) {
      assert.ok(first?.stdout.includes(part), `says nothing of ${part}`);
    }
    for (const other of others) assert.deepEqual(other, first);
  });

  test('of the program', async () => {
    const { code, stdout } = await manyhands(['--help']);
    assert.match(stdout, /^Usage: manyhands .*[\s\S]*\bmap\b/);
    assert.equal(code, 0);
  });

  test('is what the program alone prints, on standard error', async () => {
    const { code, stdout, stderr } = await manyhands([]);
    assert.deepEqual([code, stdout, stderr], [2, '', (await manyhands(['--help'])).stdout]);
  });

  test('and the version', async () => {
    assert.deepEqual(await manyhands(['--version']), { code: 0, signal: null, stdout: `${version}\n`, stderr: '' });
  });
});

const map = ['map', 'work.ts#upper'];
const wrong: readonly (readonly [args: readonly string[], message: RegExp])[] = [
  [['frobnicate'], /unknown command 'frobnicate'/],
  [['mpa', 'x'], /unknown command 'mpa' \(Did you mean map\?\)/],
  [['help', 'frobnicate'], /unknown command 'frobnicate'/],
  [['map'], /missing required argument 'module'/],
  [[':::', 'x'], /no command is given/],
  [[...map, 'x'], /too many arguments/],
  [[...map, '--frobnicate'], /unknown option '--frobnicate'/],
  [[...map, '--thread'], /unknown option '--thread' \(Did you mean --threads\?\)/],
  [[...map, '--threads', '--processes'], /'--threads' cannot be used with option '-p, --processes'/],
  [[...map, '-j'], /option '-j, --jobs <N>' argument missing/],
  [[...map, '-j', '0'], /argument '0' is invalid\. It must be a whole number of at least 1\./],
  [[...map, '-j', '-1'], /'-1' is invalid|argument missing/],
  [[...map, '-j', 'abc'], /argument 'abc' is invalid/],
  [[...map, '-j', '1.5'], /argument '1\.5' is invalid/],
  [[...map, '-j', '1e3'], /argument '1e3' is invalid/],
  [[...map, '-j', '100000'], /--jobs may be at most \d+, not 100000/],
  [[...map, '--tasks-per-worker', '0'], /argument '0' is invalid/],
  [[...map, '--tasks-per-worker', '1000000'], /--tasks-per-worker may be at most \d+, not 1000000/],
  [[...map, '--threads-per-process', '2'], /--threads-per-process is for processes\n {2}Give --processes as well\./],
  [[...map, '--processes', '--threads-per-process', '0'], /argument '0' is invalid/],
  [[...map, '--auto', '--threads-per-process', '2'], /'--threads-per-process <N>' cannot be used with option '--auto'/],
  [[...map, '--timeout', '0'], /argument '0' is invalid\. It must be a number of milliseconds above 0/],
  [[...map, '--timeout', 'soon'], /argument 'soon' is invalid/],
  [[...map, '-a', 'is-not-there.txt'], /-a is-not-there\.txt: there is no such file\./],
  [[...map, '-a', 'folder'], /-a folder: this is a directory/],
  [[...map, '-a', 'work.ts', ':::', 'x'], /inputs are given twice: with ::: and with -a work\.ts/],
  [[...map, ':::', 'a', ':::', 'b'], /::: stands twice/],
];

describe('a call that cannot be carried out', () => {
  for (const [args, message] of wrong) {
    test(`manyhands ${args.join(' ')}`, async () => {
      const { code, stdout, stderr } = await manyhands(args);
      assert.match(stderr, message);
      assert.match(stderr, /^manyhands: [^\n]+\n(?: {2}[^\n]+\n)?$/, 'one line, and perhaps a hint');
      assert.deepEqual([code, stdout], [2, '']);
    });
  }
});

describe('options', () => {
  test('--jobs says how many workers there are at most', async () => {
    const input = 'x\n'.repeat(200);
    const [threads, processes] = await Promise.all([
      manyhands(['map', 'work.ts#thread', '-j', '1'], { input }),
      manyhands(['map', 'work.ts#pid', '--processes', '-j', '1'], { input }),
    ]);
    assert.equal(new Set(values(threads.stdout)).size, 1);
    assert.equal(new Set(values(processes.stdout)).size, 1);
  });

  test('threads are threads, and processes are processes', async () => {
    const ids = async (...args: string[]) =>
      new Set(values((await manyhands(['map', ...args, ':::', '1', '2', '3'])).stdout));
    assert.equal((await ids('work.ts#pid')).size, 1);
    assert.ok(!(await ids('work.ts#thread', '--threads')).has(0));
    assert.deepEqual(await ids('work.ts#thread', '--processes'), new Set([0]));
  });

  test('--threads-per-process puts threads into processes', async () => {
    const options = ['--processes', '--threads-per-process', '2', '-j', '2', ':::', ...'12345678'];
    const [pids, threads] = await Promise.all(
      ['work.ts#pid', 'work.ts#thread'].map(async (module) => (await manyhands(['map', module, ...options])).stdout),
    );
    assert.equal(new Set(values(pids ?? '')).size, 1);
    assert.ok(!values(threads ?? '').includes(0), 'no main thread');
  });

  test('--tasks-per-worker lets a worker begin several', async () => {
    const { stdout, stderr } = await manyhands([
      ...['map', 'work.ts#together', '-j', '1', '--tasks-per-worker', '3', ':::'],
      ...['3', '3', '3'],
    ]);
    assert.deepEqual(values(stdout), [3, 3, 3], stderr);
  });
});
