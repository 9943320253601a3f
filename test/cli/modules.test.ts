/**
 * Which function is called, and what is said when there is none.
 * @module
 */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { fixtures, kinds, manyhands } from './manyhands.ts';

/** A folder with a package in it that can be imported and not required. */
const elsewhere = mkdtempSync(join(tmpdir(), 'manyhands-cli-'));
after(() => rmSync(elsewhere, { recursive: true }));
const packageFolder = join(elsewhere, 'node_modules', 'a-package');
mkdirSync(packageFolder, { recursive: true });
const manifest = { name: 'a-package', type: 'module', exports: { import: './index.js' } };
writeFileSync(join(packageFolder, 'package.json'), JSON.stringify(manifest));
writeFileSync(join(packageFolder, 'index.js'), 'export function double(x) { return x * 2; }\nexport const one = 1;\n');

const found: readonly (readonly [reference: string, result: string])[] = [
  ['with-default.ts', 'default x'],
  ['with-default.ts#default', 'default x'],
  ['./with-default.ts#other', 'other'],
  ['with-map.mjs', 'map x'],
  ['with-one.js', 'only x'],
  ['common.cjs#shout', 'x!'],
  ['common.cjs#whisper', '(x)'],
  ['with#hash.mjs', '# x'],
  ['with#hash.mjs#hash', '# x'],
  [join(fixtures, 'work.ts#upper'), 'X'],
  [`${pathToFileURL(join(fixtures, 'work.ts')).href}#upper`, 'X'],
  [`${pathToFileURL(join(fixtures, 'with#hash.mjs')).href}#hash`, '# x'],
];

describe('the function', () => {
  for (const [reference, result] of found) {
    test(`of ${reference.replace(/.*fixtures./, '…/')}`, async () => {
      const { code, stdout, stderr } = await manyhands(['map', reference, '-j', '1', ':::', 'x']);
      assert.deepEqual([stdout, code], [`${JSON.stringify(result)}\n`, 0], stderr);
    });
  }

  for (const kind of kinds) {
    test(`of a built-in module, ${kind}`, async () => {
      const { stdout, stderr } = await manyhands(['map', 'node:path#basename', kind, ':::', 'a/b.c']);
      assert.equal(stdout, '"b.c"\n', stderr);
    });

    test(`of a package, as the current directory finds it, ${kind}`, async () => {
      const args = ['map', 'a-package#double', kind, '--json', ':::', '21'];
      const { stdout, stderr } = await manyhands(args, { cwd: elsewhere });
      assert.equal(stdout, '42\n', stderr);
    });
  }
});

const refused: readonly (readonly [reference: string, message: RegExp])[] = [
  [
    'work.ts',
    /^manyhands: work\.ts has no default export, so say which function, as in work\.ts#\w+\.\n {2}Functions that it exports: (?=.*\bupper\b).*\bslow\b.*\.\n$/,
  ],
  [
    'work.ts#lower',
    /^manyhands: work\.ts has no export "lower"\.\n {2}Functions that it exports: (?=.*\bupper\b)(?!.*\banswer\b)/,
  ],
  [
    'work.ts#answer',
    /^manyhands: "answer" of work\.ts is no function but a number\.\n {2}Functions that it exports: .*\bupper\b/,
  ],
  ['work.ts#list', /is no function but an array\./],
  ['no-function.mjs', /^manyhands: no-function\.mjs exports no function\.\n$/],
  ['no-function.mjs#x', /has no export "x"\.\n {2}It exports no function\.\n$/],
  ['work.ts#', /^manyhands: work\.ts#: the export is missing after "#"/],
  ['#upper', /^manyhands: #upper: the module is missing before "#"/],
  ['is-not-there.ts#f', /^manyhands: There is no file is-not-there\.ts\.\n {2}Looked for .*is-not-there\.ts\n$/],
  ['./is-not-there', /^manyhands: There is no file \.\/is-not-there\./],
  ['no-such-package#f', /^manyhands: There is no file and no package no-such-package\.\n$/],
  ['node:no-such-module#f', /^manyhands: node:no-such-module cannot be loaded: /],
  ['folder', /^manyhands: folder is a directory, not a module\. Name a file in it\.\n$/],
  ['./folder', /^manyhands: \.\/folder is a directory/],
  ['https://example.invalid/x.js', /only files, packages and node: modules can be loaded/],
  [
    'throws.mjs',
    /^manyhands: throws\.mjs failed while it was loaded: RangeError: not today\n {2}at .*throws\.mjs:2:7\n$/,
  ],
  ['broken/syntax.mjs', /^manyhands: broken\/syntax\.mjs cannot be loaded: SyntaxError: Unexpected token ';'\n/],
  [
    'broken/syntax.ts',
    /^manyhands: broken\/syntax\.ts cannot be loaded: SyntaxError: .*\n {2}.*syntax\.ts:2\n(?: {2}const fine = 1;\n)? {2}export const x: number = \(;\n {2} +\^\n$/,
  ],
  [
    'broken/enum.ts',
    /TypeScript enum is not supported in strip-only mode\. Node runs TypeScript by leaving the types out/,
  ],
  [
    'broken/missing-import.mjs',
    /^manyhands: broken\/missing-import\.mjs failed while it was loaded: Error: Cannot find module '.*is-not-there\.mjs' imported from /,
  ],
  [
    'broken/stuck.mjs',
    /^manyhands: broken\/stuck\.mjs never finished loading: a top-level await in it is not settled by anything\.\n$/,
  ],
  ['broken/text.txt', /^manyhands: broken\/text\.txt is no module: its name should end with \.js/],
];

describe('what is no function', () => {
  for (const [reference, message] of refused) {
    test(`${reference} is refused`, async () => {
      const { code, stdout, stderr } = await manyhands(['map', reference, ':::', 'x']);
      assert.match(stderr, message);
      assert.doesNotMatch(stderr, /node:internal/);
      assert.deepEqual([code, stdout], [2, '']);
    });
  }
});
