/**
 * Runs examples as they stand, with plain `node`, and looks whether they print what their last comment says.
 * @module
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { root } from '../project-node.ts';
import { runProgram } from '../run-program.ts';
import { difference, expectedOutput } from './expected-output.ts';

const folder = join(root, 'examples');
/** All of them, in their order. */
export const examples = readdirSync(folder)
  .filter((name) => /^\d\d-.+\.ts$/.test(name))
  .sort();
const knowsUsing = Number(process.versions.node.split('.')[0]) >= 24;

/** A test for each of these examples. */
export function runExamples(names: readonly string[]): void {
  describe('examples', () => {
    for (const name of names) {
      const source = readFileSync(join(folder, name), 'utf8');
      const skip = !knowsUsing && /^\s*(?:await )?using /m.test(source) && 'this Node does not know the `using` syntax';
      test(name, { skip, timeout: 230_000 }, async () => {
        const expected = expectedOutput(source);
        assert.ok(expected, `${name} does not end with an // Output: comment (examples/README.md says how)`);
        const { code, stdout, stderr } = await runProgram(process.execPath, [join(folder, name)], {
          cwd: root,
          timeout: 220_000,
        });
        assert.equal(code, 0, `exit code ${code}\n${stdout}\n${stderr}`);
        const found = difference(expected, stdout);
        assert.ok(found === undefined, `${name} printed something else: ${found}\nIt printed:\n${stdout}\n${stderr}`);
      });
    }
  });
}
