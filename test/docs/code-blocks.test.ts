/**
 * What the documents show runs: each block that opens with ```` ```ts run ```` passes the compiler and runs as it stands,
 * against the built package, which it imports by name.
 * @module
 */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { difference, expectedOutput } from '../examples/expected-output.ts';
import { root } from '../project-node.ts';
import { runProgram } from '../run-program.ts';
import { runnableBlocks } from './code-blocks.ts';

const pages = [
  'README.md',
  ...readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

// inside the repository, where the package's own name leads to dist/
const cache = join(root, '.cache');
mkdirSync(cache, { recursive: true });
const folder = mkdtempSync(join(cache, 'docs-'));
after(() => rmSync(folder, { recursive: true, force: true }));

async function compile(files: readonly string[]): Promise<string> {
  const config = join(folder, 'tsconfig.json');
  writeFileSync(config, JSON.stringify({ extends: '../../tsconfig.json', include: [], files }));
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const { stdout, stderr } = await runProgram(process.execPath, [tsc, '-p', config, '--noUnusedLocals', 'false']);
  return stdout + stderr;
}

async function runBlock(name: string, code: string): Promise<string | undefined> {
  const file = join(folder, `${name}.ts`);
  writeFileSync(file, code);
  const complaint = await compile([file]);
  if (complaint !== '') return `the compiler says:\n${complaint}`;
  const { code: exitCode, stdout, stderr } = await runProgram(process.execPath, [file], { cwd: root });
  if (exitCode !== 0) return `exit code ${exitCode}:\n${stdout}\n${stderr}`;
  const expected = expectedOutput(code);
  const found = expected === undefined ? undefined : difference(expected, stdout);
  return found === undefined ? undefined : `${found}\nIt printed:\n${stdout}`;
}

describe('code in documents', () => {
  let seen = 0;
  for (const page of pages) {
    for (const { line, code } of runnableBlocks(readFileSync(join(root, page), 'utf8'))) {
      seen += 1;
      test(`${page}:${line} runs as written`, async () => {
        const complaint = await runBlock(`${page.replace(/\W/g, '-')}-${line}`, code);
        assert.ok(complaint === undefined, `${page}:${line}: ${complaint}`);
      });
    }
  }

  test('is there', () => {
    const inReadme = runnableBlocks(readFileSync(join(root, 'README.md'), 'utf8')).length;
    assert.ok(inReadme > 0, 'README.md shows no block that opens with ```ts run');
    assert.ok(seen >= inReadme);
  });
});

describe('the check catches', () => {
  test('code that does not compile', async () => {
    assert.match((await runBlock('types', `const x: number = 'text';\nconsole.log(x);\n`)) ?? '', /the compiler says/);
  });

  test('code that fails', async () => {
    assert.match((await runBlock('fails', `throw new Error('boom');\n`)) ?? '', /exit code 1[\s\S]*boom/);
  });

  test('code that prints something else', async () => {
    assert.match(
      (await runBlock('prints', `console.log(1);\n// Output:\n// 2\n`)) ?? '',
      /line 1 should be "2" and is "1"/,
    );
  });

  test('and finds the blocks', () => {
    const page = 'a\n```ts run\none();\n```\n```ts\ntwo();\n```\n```ts  run\nthree();\n```\n';
    assert.deepEqual(runnableBlocks(page), [
      { line: 3, code: 'one();\n' },
      { line: 9, code: 'three();\n' },
    ]);
  });
});
