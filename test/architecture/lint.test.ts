/**
 * The linter's rules are on and bite: planted violations in a folder that has the project's own configuration.
 * @module
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { root } from './source-tree.ts';

interface Finding {
  readonly code: string;
  readonly filename: string;
}

const planted: Readonly<Record<string, readonly [file: string, code: string]>> = {
  'typescript(no-floating-promises)': ['src/pool/floating.ts', 'export const f = async () => 1;\nf();\n'],
  'typescript(await-thenable)': ['src/pool/thenable.ts', 'export const f = async () => await 1;\n'],
  'typescript(no-misused-promises)': [
    'src/pool/misused.ts',
    'declare const p: Promise<number>;\nif (p) console.log(1);\n',
  ],
  'typescript(no-explicit-any)': ['src/pool/any.ts', 'export const f = (x: any): unknown => x;\n'],
  'import(no-cycle)': ['src/pool/ring-a.ts', `import type { B } from './ring-b.ts';\nexport type A = B | 1;\n`],
  'import(no-default-export)': ['src/pool/default.ts', 'export default 1;\n'],
  'eslint(max-lines)': ['src/pool/long.ts', 'console.log(1);\n'.repeat(401)],
  'eslint(no-restricted-globals)': ['src/pool/atomics.ts', 'export const a = Atomics.load(new Int32Array(1), 0);\n'],
  'eslint(no-restricted-imports)': ['src/pool/native.ts', `import koffi from 'koffi';\nexport const k = koffi;\n`],
  'unicorn(filename-case)': ['src/pool/camelCase.ts', 'export const a = 1;\n'],
  'unicorn(prefer-node-protocol)': ['src/pool/protocol.ts', `import { join } from 'path';\nexport const j = join;\n`],
};

describe('the linter catches', () => {
  const folder = mkdtempSync(join(tmpdir(), 'manyhands-lint-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  let findings: readonly Finding[] = [];

  const write = (file: string, code: string): void => {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), code);
  };

  before(() => {
    for (const file of ['.oxlintrc.json', 'tsconfig.json']) cpSync(join(root, file), join(folder, file));
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction');
    write('src/pool/ring-b.ts', `import type { A } from './ring-a.ts';\nexport type B = A | 2;\n`);
    write('src/memory/door.ts', 'export const a = Atomics.load(new Int32Array(1), 0);\n');
    for (const [file, code] of Object.values(planted)) write(file, code);
    const args = [join(root, 'node_modules/oxlint/bin/oxlint'), '--type-aware', '--format=json', 'src'];
    const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8', timeout: 60_000 });
    assert.ok(stdout.trimStart().startsWith('{'), `${stdout}${stderr}`);
    findings = (JSON.parse(stdout) as { readonly diagnostics: readonly Finding[] }).diagnostics;
  });

  for (const [rule, [file]] of Object.entries(planted)) {
    test(`${rule} in ${file}`, () => {
      const here = findings.filter(({ filename }) => filename.replaceAll('\\', '/').endsWith(file));
      assert.ok(
        here.some(({ code }) => code === rule),
        `found only: ${here.map(({ code }) => code).join(', ') || 'nothing'}`,
      );
    });
  }

  test('and lets src/memory touch Atomics', () => {
    assert.deepEqual(
      findings.filter(({ filename }) => filename.endsWith('door.ts')),
      [],
    );
  });
});
