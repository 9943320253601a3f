/**
 * `npm test` fails when it should: a runner that passes whatever happens would make every other test worthless.
 * @module
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { root } from '../project-node.ts';

const folder = mkdtempSync(join(tmpdir(), 'manyhands-runner-'));
after(() => rmSync(folder, { recursive: true, force: true }));

interface Outcome {
  readonly code: number | null;
  readonly output: string;
  /** The closing lines, by name. */
  readonly closing: Readonly<Record<string, number>>;
}

function npmTest(name: string, code: string, ...options: string[]): Outcome {
  const file = join(folder, `${name}.test.ts`);
  writeFileSync(file, code);
  return start('--node', '26', '--from', 'src', ...options, file);
}

function start(...args: string[]): Outcome {
  // As a machine would, not as part of this run
  const env = { ...process.env, NODE_TEST_CONTEXT: undefined, MANYHANDS_TOTALS: undefined };
  const tool = join(root, 'tools', 'test.mjs');
  const { status, stdout, stderr } = spawnSync(process.execPath, [tool, ...args], {
    encoding: 'utf8',
    env,
    timeout: 120_000,
  });
  const last = stdout.trimEnd().split('\n').slice(-8);
  const closing = Object.fromEntries(
    last.map((line) => /^ℹ (\w+) (\d+)$/.exec(line)).map((match) => [match?.[1] ?? 'other', Number(match?.[2])]),
  );
  return { code: status, output: stdout + stderr, closing };
}

const header = `import { test } from 'node:test';\n`;

describe('npm test', () => {
  test('passes what passes, and ends with the runner’s closing lines', () => {
    const { code, closing, output } = npmTest('passes', `${header}test('a', () => {});\ntest('b', () => {});`);
    assert.equal(code, 0, output);
    const { duration_ms: duration, ...counts } = closing;
    assert.deepEqual(counts, { tests: 2, suites: 0, pass: 2, fail: 0, cancelled: 0, skipped: 0, todo: 0 });
    assert.ok(Number(duration) > 0);
  });

  const bad: Readonly<Record<string, readonly [code: string, expected: RegExp]>> = {
    'a test that fails': [`${header}test('a', () => { throw new Error('boom'); });`, /Error: boom/],
    'a promise that never settles': [
      `${header}test('a', () => new Promise(() => {}));`,
      /still pending|timed out after 750ms/,
    ],
    'a file that exits': [`${header}test('a', () => {});\nprocess.exit(3);`, /exit code 3/],
    'a file that is killed': [`${header}process.kill(process.pid, 'SIGKILL');`, /SIGKILL/],
    'a syntax error': ['const x: = 1;', /SyntaxError/],
    'a file without a test': ['console.log(1);', /holds no test/],
    'a test that hangs': [
      `${header}test('busy', async () => { setInterval(() => {}, 100); await new Promise(() => {}); });`,
      /✖ busy .*\n.*timed out after 750ms[\s\S]*killed; no test was running/,
    ],
    'a thread that blocks for ever': [
      `${header}test('a', () => { Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0); });`,
      /had not ended after 1.5 s/,
    ],
    'a handle that is left open': [
      `${header}test('a', () => {});\nsetInterval(() => {}, 1000);`,
      /killed; no test was running/,
    ],
    'a process that is left running': [
      `${header}import { spawn } from 'node:child_process';
test('a', () => { spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60_000)'], { stdio: 'ignore' }).unref(); });`,
      /left running after its end:\n.*setTimeout/,
    ],
    'an error after the tests': [
      `${header}test('a', () => { setTimeout(() => { throw new Error('late'); }, 1); });`,
      /late/,
    ],
  };
  for (const [what, [code, expected]] of Object.entries(bad)) {
    test(`fails for ${what}`, () => {
      const outcome = npmTest(what.replaceAll(' ', '-'), code, '--timeout', '1500');
      assert.notEqual(outcome.code, 0, outcome.output);
      assert.equal((outcome.closing['fail'] ?? 0) + (outcome.closing['cancelled'] ?? 0), 1, outcome.output);
      assert.match(outcome.output, expected);
    });
  }

  test('fails when the name given matches no test', () => {
    const { code, output } = npmTest('named', `${header}test('a', () => {});`, '--name', 'nothing is called this');
    assert.equal(code, 1);
    assert.match(output, /no test ran/);
  });

  test('from package runs what was packed, in threads as well', () => {
    const front = JSON.stringify(pathToFileURL(join(root, 'src', 'index.ts')).href);
    const code = `${header}import assert from 'node:assert/strict';
import { Worker } from 'node:worker_threads';
const where = 'import(' + ${JSON.stringify(front)} + ').then((m) => new m.Pool({ workers: -1 })).catch((error) => error.stack)';
test('here', async () => assert.match(await eval(where), /node_modules.manyhands.dist/));
test('there', async () => {
  const worker = new Worker(where + '.then((s) => require("node:worker_threads").parentPort.postMessage(s))', { eval: true });
  assert.match(await new Promise((resolve) => worker.once('message', resolve)), /node_modules.manyhands.dist/);
});`;
    const file = join(folder, 'where.test.ts');
    writeFileSync(file, code);
    const { code: exitCode, closing, output } = start('--node', '26', '--from', 'package', file);
    assert.equal(exitCode, 0, output);
    assert.equal(closing['pass'], 2, output);
  });

  test('names what is not there', () => {
    assert.match(start('test/nowhere').output, /test\/nowhere: there is no test file/);
    assert.match(start('--node', '25').output, /--node 25: there are 26, 24, 22/);
  });
});
