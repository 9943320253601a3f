/**
 * The page of `manyhands advise --html`: one file that needs nothing else, and draws its charts without an error.
 * @module
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { manyhands } from './manyhands.ts';

const chromium = spawnSync('chromium', ['--version']).status === 0;
const QUIET = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

describe('the page of an advice', () => {
  const folder = mkdtempSync(join(tmpdir(), 'manyhands-report-'));
  const file = join(folder, 'report.html');
  let page = '';
  before(async () => {
    const { code, stderr } = await manyhands([
      'advise',
      'work.ts#backwards',
      '--budget',
      '8000',
      '--html',
      file,
      ':::',
      'y',
      'x',
    ]);
    assert.deepEqual([code, stderr], [0, '']);
    page = readFileSync(file, 'utf8');
  });
  after(() => rmSync(folder, { recursive: true }));

  test('holds the answer, the figures and the charts', () => {
    for (const part of [
      'Run it',
      'Where the time of a call goes',
      'Calls a second',
      'no pool',
      'Throughput against',
      'How long calls took',
      'uPlot',
    ]) {
      assert.ok(page.includes(part), part);
    }
    assert.doesNotMatch(page, /NaN|undefined<|>undefined/);
  });

  test('fetches nothing', () => {
    assert.doesNotMatch(page, /<(?:script|link|img|iframe)[^>]+(?:src|href)=|@import|url\(/);
  });

  test('opens without an error, and draws', { skip: chromium ? false : 'there is no chromium here' }, () => {
    const options = [
      ...QUIET,
      `--user-data-dir=${join(folder, 'profile')}`,
      '--enable-logging=stderr',
      '--dump-dom',
      `file://${file}`,
    ];
    const { stdout, stderr } = spawnSync('chromium', options, { encoding: 'utf8', timeout: 60_000 });
    assert.equal(stdout.match(/<canvas/g)?.length, 2);
    assert.doesNotMatch(stderr, /CONSOLE/);
  });

  test('cannot be written where there is no folder, and the command says so', async () => {
    const { code, stdout, stderr } = await manyhands([
      'advise',
      'work.ts#upper',
      '--budget',
      '8000',
      '--limit',
      '1000',
      '--html',
      join(folder, 'no', 'page.html'),
      ':::',
      'a',
    ]);
    assert.equal(code, 2);
    assert.equal(stdout, '');
    assert.match(stderr, /^manyhands: --html .*page\.html: there is no folder .*no\.\n$/);
  });
});
