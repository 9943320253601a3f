/**
 * The house's rules for files and folders, each with planted violations that its guard must catch.
 * @module
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  checkExports,
  checkFolders,
  checkHeaders,
  checkLengths,
  checkMemoryDoor,
  checkNames,
  checkPackages,
  MOST_LINES,
} from './guards/house-rules.ts';
import { codeLines } from './source-text.ts';
import { assertNone, plant, readSources, type SourceTree } from './source-tree.ts';

const sources = readSources();

interface Rule {
  readonly says: string;
  readonly check: (tree: SourceTree) => string[];
  /** What to plant, and what the guard must say of it. */
  readonly planted: readonly (readonly [path: string, text: string, expected: RegExp])[];
}

const long = (lines: number): string => 'work();\n'.repeat(lines);

const rules: readonly Rule[] = [
  {
    says: 'only src/memory names Atomics or loads native code',
    check: checkMemoryDoor,
    planted: [
      ['src/pool/x.ts', 'Atomics.add(words, 0, 1);', /src\/pool\/x\.ts:1: names Atomics/],
      ['src/pool/x.ts', '\nconst { wait } = globalThis["Atomics"];', /x\.ts:2: names Atomics/],
      ['src/pool/x.ts', 'const a = `${Atomics.load(w, 0)}`;', /names Atomics/],
      ['src/sync/x.ts', `import koffi from 'koffi';`, /loads koffi/],
      ['src/sync/x.ts', `const ffi = await import('node:ffi');`, /loads node:ffi/],
    ],
  },
  {
    says: 'only src/cli uses packages',
    check: checkPackages,
    planted: [
      ['src/pool/x.ts', `import { Command } from 'commander';`, /x\.ts:1: loads the package commander/],
      ['src/pool/x.ts', `const x = await import('@scope/name');`, /loads the package @scope\/name/],
      ['src/pool/x.ts', `import { join } from 'path';`, /loads the package path/],
    ],
  },
  {
    says: 'each folder has its README.md and its index.ts',
    check: checkFolders,
    planted: [
      ['src/extras/x.ts', '', /src\/extras: has no index\.ts/],
      ['src/extras/x.ts', '', /src\/extras: has no README\.md/],
    ],
  },
  {
    says: 'each file opens with a /** … @module */ header',
    check: checkHeaders,
    planted: [
      ['src/pool/x.ts', 'export const x = 1;', /does not open with/],
      ['src/pool/x.ts', '// @module\nexport const x = 1;', /does not open with/],
      ['src/pool/x.ts', '/** What it is. */\nexport const x = 1;', /does not end with @module/],
      ['src/pool/x.ts', '/** @module */\nexport const x = 1;', /says nothing/],
      ['src/pool/x.ts', 'import "./y.ts";\n/** What it is.\n * @module */', /does not open with/],
    ],
  },
  {
    says: `no file has more than ${MOST_LINES} lines of code`,
    check: checkLengths,
    planted: [['src/pool/x.ts', long(MOST_LINES + 1), /401 lines of code/]],
  },
  {
    says: 'names say what is inside',
    check: checkNames,
    planted: [
      ['src/pool/utils.ts', '', /"utils" says nothing/],
      ['src/helpers/x.ts', '', /"helpers" says nothing/],
      ['src/pool/common/x.ts', '', /"common" says nothing/],
      ['src/pool/taskTable.ts', '', /kebab-case/],
      ['src/pool/Task.ts', '', /kebab-case/],
    ],
  },
  {
    says: 'exports are named, and an index only re-exports',
    check: checkExports,
    planted: [
      ['src/pool/x.ts', 'export default class X {}', /default export/],
      ['src/pool/x.ts', 'const x = 1;\nexport { x as default };', /default export/],
      ['src/extras/index.ts', `export * from './x.ts';\nexport const y = 1;`, /re-exports only, found: export const y/],
    ],
  },
];

for (const { says, check, planted } of rules) {
  describe(says, () => {
    test('holds in src/', () => assertNone(check(sources)));
    for (const [path, text, expected] of planted) {
      test(`is guarded: ${JSON.stringify(text.slice(0, 40))} in ${path}`, () => {
        const before = new Set(check(sources));
        const added = check(plant(sources, { [path]: text })).filter((violation) => !before.has(violation));
        assert.match(added.join('\n'), expected);
      });
    }
  });
}

describe('the guards', () => {
  test('see the sources', () => {
    const files = [...sources.keys()].filter((path) => path.endsWith('.ts'));
    assert.ok(files.length > 40, `saw only ${files.length} files`);
  });

  test('take comments and lists of names for no code', () => {
    const list = `const names = 'Map Atomics Set';`;
    assert.deepEqual(checkMemoryDoor(new Map([['src/pool/x.ts', list]])), []);
    const text = `/** Atomics\n * @module */\n// Atomics\n/* export default */\nconst url = 'http://x'; // tail\n`;
    assert.equal(codeLines(text), 1);
    assert.deepEqual(checkMemoryDoor(new Map([['src/pool/x.ts', text]])), []);
    assert.deepEqual(checkExports(new Map([['src/pool/x.ts', text]])), []);
  });
});
