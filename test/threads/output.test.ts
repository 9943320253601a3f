/** What threads print, seen from outside. @module */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

describe('what a thread has printed', () => {
  it('comes before what its program prints once it is joined, also to a slow reader', async () => {
    const file = fileURLToPath(new URL('./fixtures/printing.ts', import.meta.url));
    const program = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'pipe'] });
    await once(program.stderr, 'data');
    await new Promise((resolve) => setTimeout(resolve, 200)); // in which a thread that is taken for joined too early would be
    const lines = (await text(program.stdout)).trim().split('\n');
    assert.deepEqual(lines.slice(1), ['thread: done', 'program: done']);
    assert.equal(lines[0]?.length, 1_000_000);
  });
});
