/**
 * Bells ring for the living only: what has the number of a dead thread's bell by now is not written to.
 * @module
 */
import assert from 'node:assert/strict';
import { closeSync, fstatSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Event, Thread } from '../../src/index.ts';
import { range } from '../contract/inputs.ts';
import { untilWaiting } from '../contract/in-scope.ts';

test('whoever wakes a dead waiter writes to no file of this process', {
  skip: process.platform !== 'linux',
}, async () => {
  const events = range(4).map(() => new Event({ scope: 'process' }));
  for (const event of events) {
    const waiter = new Thread((shared: Event) => shared.wait({ timeout: 60_000 }), [event]);
    waiter.start();
    await untilWaiting(event, 1);
    await waiter.kill();
    await waiter.join().catch(() => undefined);
  }
  const folder = mkdtempSync(join(tmpdir(), 'manyhands-bells-'));
  const files = range(100).map(() => openSync(join(folder, 'file'), 'w'));
  try {
    for (const event of events) event.set();
    assert.equal(fstatSync(files[0] as number).size, 0);
  } finally {
    for (const file of files) closeSync(file);
    rmSync(folder, { recursive: true });
  }
});
