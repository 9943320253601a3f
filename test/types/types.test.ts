/**
 * The expectations in `*.types.ts` hold, and a wrong one would be noticed.
 * @module
 */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { root } from '../project-node.ts';
import { runProgram } from '../run-program.ts';

const cache = join(root, '.cache');
mkdirSync(cache, { recursive: true });
const folder = mkdtempSync(join(cache, 'types-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** What the compiler says of these files; what it says of others is the business of `npm run check`. */
async function compile(...files: string[]): Promise<string> {
  const config = join(folder, 'tsconfig.json');
  writeFileSync(config, JSON.stringify({ extends: '../../tsconfig.json', include: [], files }));
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const { stdout, stderr } = await runProgram(process.execPath, [tsc, '-p', config]);
  const said = stdout + stderr;
  return said
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith(' ') && !line.startsWith('src/'))
    .join('\n');
}

function plant(code: string): string {
  const file = join(folder, 'planted.ts');
  writeFileSync(
    file,
    `import { expectTypeOf } from 'expect-type';
import type { Future, Pool } from '../../src/index.ts';
declare const pool: Pool;
export type Used = Future<never>;
export const used: unknown = expectTypeOf;
${code}
`,
  );
  return file;
}

const expectations = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.types.ts'));

describe('types', () => {
  test('are as expected', async () => {
    assert.ok(expectations.length > 0, 'no *.types.ts: the check is blind');
    assert.equal(await compile(...expectations.map((name) => join(import.meta.dirname, name))), '');
  });

  const planted: Readonly<Record<string, string>> = {
    'a wrong result': 'expectTypeOf(pool.submit((x: number) => x, 1)).toEqualTypeOf<Future<string>>();',
    'any where a type should be': 'expectTypeOf(JSON.parse(String(pool))).toEqualTypeOf<Future<string>>();',
    'an error that is none': '// @ts-expect-error\nvoid pool.submit((x: number) => x, 1);',
  };
  for (const [what, code] of Object.entries(planted)) {
    test(`${what} is noticed`, async () => assert.match(await compile(plant(code)), /planted\.ts\(\d+,\d+\): error/));
  }

  test('a right one is not', async () => {
    assert.equal(
      await compile(plant('expectTypeOf(pool.submit((x: number) => x, 1)).toEqualTypeOf<Future<number>>();')),
      '',
    );
  });
});
