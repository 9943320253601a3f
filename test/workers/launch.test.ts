/**
 * What a worker inherits.
 * @module
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { WorkerStartError } from '../../src/errors/index.ts';
import { entryUrl, environment, inheritedFlags } from '../../src/workers/launch.ts';

describe('inheritedFlags', () => {
  const kept: readonly (readonly string[])[] = [
    [],
    ['--conditions=development'],
    ['-C', 'development'],
    ['--import', 'tsx'],
    ['-r', './setup.cjs', '--require=./other.cjs'],
    ['--no-warnings', '--enable-source-maps', '--experimental-vm-modules'],
    ['--max-old-space-size=4096', '--stack-size=2000'],
    ['--loader', './loader.mjs'],
    ['--trace-uncaught', '--unhandled-rejections=strict'],
    ['--cpu-prof', '--cpu-prof-dir', 'profiles', '--heap-prof'],
    ['--input-typed'],
    ['--printable'],
  ];
  for (const flags of kept) {
    test(`keeps ${flags.join(' ') || 'nothing of nothing'}`, () => assert.deepEqual(inheritedFlags(flags), flags));
  }

  const dropped: readonly (readonly string[])[] = [
    ['--inspect'],
    ['--inspect=9229'],
    ['--inspect-brk'],
    ['--inspect-brk=127.0.0.1:0'],
    ['--inspect-wait'],
    ['--inspect-port=0'],
    ['--inspect-port', '0'],
    ['--inspect-publish-uid', 'http'],
    ['--debug-port', '0'],
    ['--input-type=module'],
    ['--input-type', 'module'],
    ['-e', 'work()'],
    ['--eval', 'work()'],
    ['--eval=work()'],
    ['-p', '1 + 1'],
    ['-pe', '1 + 1'],
    ['--print', '1 + 1'],
    ['--print=1 + 1'],
    ['-i'],
    ['--interactive'],
    ['-c'],
    ['--check'],
    ['--watch'],
    ['--watch-path=./src'],
    ['--watch-path', './src'],
    ['--watch-preserve-output'],
    ['--test'],
    ['--test-only'],
    ['--test-name-pattern=x'],
    ['--test-name-pattern', 'x'],
    ['--test-reporter', 'spec', '--test-reporter-destination', 'stdout'],
    ['--test-concurrency', '2'],
    ['--test-timeout', '1000'],
  ];
  for (const flags of dropped) {
    test(`drops ${flags.join(' ')} and keeps what stands around it`, () => {
      assert.deepEqual(inheritedFlags(['--no-warnings', ...flags, '--import', 'tsx']), [
        '--no-warnings',
        '--import',
        'tsx',
      ]);
      assert.deepEqual(inheritedFlags(flags), []);
    });
  }

  test("looks at this process's own flags unless told otherwise", () => {
    assert.deepEqual(inheritedFlags(), inheritedFlags(process.execArgv));
  });
});

describe('environment', () => {
  test('adds, replaces and takes out', () => {
    process.env['MANYHANDS_TEST_A'] = 'a';
    process.env['MANYHANDS_TEST_B'] = 'b';
    try {
      const env = environment({ MANYHANDS_TEST_A: undefined, MANYHANDS_TEST_B: 'new', MANYHANDS_TEST_C: '' });
      assert.ok(!('MANYHANDS_TEST_A' in env));
      assert.deepEqual([env['MANYHANDS_TEST_B'], env['MANYHANDS_TEST_C']], ['new', '']);
      assert.deepEqual(environment(), { ...process.env });
      assert.equal(process.env['MANYHANDS_TEST_B'], 'b', 'this process has kept its own');
    } finally {
      delete process.env['MANYHANDS_TEST_A'];
      delete process.env['MANYHANDS_TEST_B'];
    }
  });
});

describe('entryUrl', () => {
  test('takes the extension of the module that asks', () => {
    for (const [base, expected] of [
      ['http://host/x/a.ts', 'http://host/x/entry/b.ts'],
      ['http://host/x/a.js', 'http://host/x/entry/b.js'],
      ['http://host/x/a.mjs', 'http://host/x/entry/b.mjs'],
      ['http://host/x/a.cts?query', 'http://host/x/entry/b.cts'],
      ['http://host/x/bundle', 'http://host/x/entry/b.js'],
    ] as const) {
      assert.equal(entryUrl('./entry/b', base).href, expected);
    }
  });

  test('finds the file beside the module', () => {
    assert.equal(entryUrl('./launch.test', import.meta.url).href, import.meta.url);
  });

  test('says what a bundler has done when the file is not there', () => {
    assert.throws(
      () => entryUrl('./entry/nowhere', import.meta.url),
      (error) =>
        error instanceof WorkerStartError &&
        error.code === 'ERR_WORKER_START' &&
        /entry\/nowhere\.ts/.test(error.message) &&
        /external/.test(error.message),
    );
  });
});
