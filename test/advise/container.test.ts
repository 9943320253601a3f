/**
 * What a container lets its programs compute: read from files as the kernel writes them.
 * @module
 */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, describe, test } from 'node:test';
import { containerShare, type ContainerShare } from '../../src/advise/container.ts';

const folders: string[] = [];
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

/** The share that files say. */
function shareOf(own: string, files: Readonly<Record<string, string>>): ContainerShare | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'manyhands-container-'));
  folders.push(folder);
  const all = { own, ...Object.fromEntries(Object.entries(files).map(([path, text]) => [join('groups', path), text])) };
  for (const [path, text] of Object.entries(all)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return containerShare({ own: join(folder, 'own'), groups: join(folder, 'groups') });
}

const stat = 'usage_usec 9000\nuser_usec 8000\nnr_periods 20\nnr_throttled 12\nthrottled_usec 640000\n';

describe('the share of a container', () => {
  test('is half a core, by version 2 of the control groups', () => {
    const files = { 'cpu.max': '50000 100000\n', 'cpu.stat': stat };
    assert.deepEqual(shareOf('0::/\n', files), { cores: 0.5, stopped: 640 });
  });

  test('is that of its own group, where groups of others can be seen', () => {
    const own = { 'jobs/mine/cpu.max': '150000 100000\n', 'jobs/mine/cpu.stat': stat };
    const all = { ...own, 'cpu.max': 'max 100000\n', 'cpu.stat': stat };
    assert.deepEqual(shareOf('0::/jobs/mine\n', all), { cores: 1.5, stopped: 640 });
    assert.deepEqual(shareOf('0::/not/here\n', all), { cores: Infinity, stopped: 640 });
  });

  test('is read from version 1 as well', () => {
    const files = (quota: string): Record<string, string> => ({
      'cpu/cpu.cfs_quota_us': quota,
      'cpu/cpu.cfs_period_us': '100000\n',
      'cpu/cpu.stat': 'nr_periods 20\nnr_throttled 12\nthrottled_time 250000000\n',
    });
    const own = '4:cpu,cpuacct:/\n3:memory:/\n';
    assert.deepEqual(shareOf(own, files('25000\n')), { cores: 0.25, stopped: 250 });
    assert.deepEqual(shareOf(own, files('-1\n')), { cores: Infinity, stopped: 250 });
  });

  test('is not known where no file says it', () => {
    assert.equal(shareOf('', {}), undefined);
    assert.equal(shareOf('0::/\n', { 'cpu.stat': stat }), undefined);
    assert.equal(containerShare({ own: '/not/here', groups: '/nor/here' }), undefined);
  });
});
