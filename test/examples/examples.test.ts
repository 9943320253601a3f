/**
 * Every example runs as it stands, with plain `node`, and prints what its last comment says.
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
const examples = readdirSync(folder).filter((name) => /^\d\d-.+\.ts$/.test(name));
const knowsUsing = Number(process.versions.node.split('.')[0]) >= 24;

describe('examples', () => {
  test('are there, numbered without a gap', () => {
    assert.ok(examples.length > 0, 'no examples/NN-*.ts: the check is blind');
    assert.deepEqual(
      examples.map((name) => Number(name.slice(0, 2))),
      examples.map((_, index) => index + 1),
    );
  });

  for (const name of examples) {
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
