/**
 * A million tasks submitted at once, measured in a program of their own: right, and no more memory than the promises need.
 * @module
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runProgram } from '../run-program.ts';

interface Report {
  readonly wrong: number;
  /** Of processor time. */
  readonly microsecondsEach: number;
  readonly peakBytesEach: number;
  readonly keptBytesEach: number;
}

async function measure(count: number, kind: string): Promise<Report> {
  const fixture = fileURLToPath(new URL('./fixtures/million.ts', import.meta.url));
  const args = ['--expose-gc', fixture, String(count), kind];
  const end = await runProgram(process.execPath, args, { timeout: 220_000 });
  assert.equal(end.code, 0, end.stderr);
  return JSON.parse(end.stdout) as Report;
}

/** The test, for one kind of pool. */
export function millionTasks(kind: 'thread' | 'process'): void {
  describe('a million tasks at once', () => {
    it(`${kind}: every answer is right, memory is bounded, and a task costs no more than with a tenth of them`, {
      timeout: 230_000,
    }, async (t) => {
      const few = await measure(100_000, kind);
      const many = await measure(1_000_000, kind);
      t.diagnostic(JSON.stringify({ few, many }));
      assert.equal(few.wrong + many.wrong, 0);
      // A promise with its future's fields, its place in the table and in the caller's array, and its encoded arguments.
      assert.ok(many.peakBytesEach < 1000, `${many.peakBytesEach} bytes a task at most`);
      assert.ok(
        many.keptBytesEach < 150,
        `${many.keptBytesEach} bytes a task afterwards, its settled promise included`,
      );
      // The measured ratio is near 1; a quadratic cost would make it 10.
      assert.ok(many.microsecondsEach < 4 * few.microsecondsEach, 'the cost of a task does not grow with their number');
    });
  });
}
