/** What becomes of errors that nobody joins. @module */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type ProgramEnd, runProgram } from '../run-program.ts';

const fixture = fileURLToPath(new URL('./fixtures/uncaught.ts', import.meta.url));

for (const kind of ['thread', 'process'] as const) {
  const run = (what: string): Promise<ProgramEnd> =>
    runProgram(process.execPath, [fixture, kind, what], { timeout: 60_000 });

  describe(`an error of a ${kind} that nobody joins`, () => {
    it('excepthook-05: a handler gets it, whose it is and where that ran', async () => {
      const end = await run('hook');
      assert.equal(end.stdout, `lonely ${kind} true true RangeError: nobody joins\nmain: end\n`, end.stderr);
      assert.equal(end.stderr, '');
      assert.equal(end.code, 0);
    });

    it('can be made fatal', async () => {
      const end = await run('fatal');
      assert.equal(end.code, 1);
      assert.match(end.stderr, /RangeError: nobody joins/);
      assert.equal(end.stdout, '');
    });

    it('excepthook-06: what the handler throws is an uncaught exception, and the first error is told as well', async () => {
      const end = await run('throws');
      assert.equal(end.code, 1);
      assert.match(end.stderr, /handler of onUncaught\(\) threw for an error in lonely:\nRangeError: nobody joins/);
      assert.match(end.stderr, /TypeError: the hook itself/);
    });

    it('excepthook-07: what was done before is given back, and can be put back', async () => {
      const end = await run('restored');
      assert.equal(end.stdout, 'true true\nmain: end\n');
      assert.match(end.stderr, /Uncaught error in lonely, which nobody has joined:\nRangeError: nobody joins/);
      assert.equal(end.code, 0);
    });

    it('excepthook-01 excepthook-02: without standard error it is dropped, and nothing else breaks', async () => {
      const end = await run('no stderr');
      assert.equal(end.stdout, 'main: end\n');
      assert.equal(end.code, 0);
    });

    it('excepthook-04: ending by exit() is no error', async () => {
      const end = await run('exits');
      assert.equal(end.stdout, 'main: end\n');
      assert.equal(end.stderr, '');
      assert.equal(end.code, 0);
    });
  });
}

// excepthook-03 (no thread object): the handler is always told whose error it is.
