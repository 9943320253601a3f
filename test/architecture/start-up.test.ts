/**
 * What importing the library costs, counted in modules rather than in time.
 * @module
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { importsOf } from './source-text.ts';
import { root } from './source-tree.ts';

interface Loaded {
  readonly builtins: readonly string[];
  readonly files: readonly string[];
}

interface Budget {
  /** Built-in modules that must not be loaded; matched at the start of their names. */
  readonly never: readonly string[];
}

/** Loading the inspector starts its agent: closures ask for it when the first function is shipped, not before. */
const heavy = [
  'inspector',
  'http',
  'https',
  'net',
  'tls',
  'readline',
  'repl',
  'test',
  'cluster',
  'zlib',
  'dgram',
  'sqlite',
];

/** How many files and bytes are loaded is bounded where it is paid for, in the package: `test/package/`. */
const frontDoor: Budget = { never: heavy.filter((name) => name !== 'net' && name !== 'dgram') };

function loadedBy(file: string): Loaded {
  const reader = join(root, 'test', 'architecture', 'fixtures', 'loaded-modules.mjs');
  const args = ['--disable-warning=ExperimentalWarning', reader, pathToFileURL(file).href];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8', timeout: 60_000 })) as Loaded;
}

/** Every file that a file imports at start, and they in turn; types and `import()` may be named too, which errs on the safe side. */
function visit(file: string, visited: Set<string>): void {
  if (visited.has(file)) return;
  visited.add(file);
  for (const { specifier } of importsOf(withoutTypes(readFileSync(file, 'utf8')))) {
    const target = join(dirname(file), specifier);
    if (specifier.startsWith('.') && specifier.endsWith('.ts')) visit(target, visited);
  }
}

/** Types are gone before the program runs, and what they import with them. */
function withoutTypes(source: string): string {
  return source.replace(/^(?:import|export) type\b[^;]*;/gm, '');
}

function excess({ builtins, files }: Loaded, budget: Budget): string[] {
  const found = builtins
    .filter((name) => budget.never.some((banned) => name === banned || name.startsWith(`${banned}/`)))
    .map((name) => `loads node:${name}`);
  for (const file of files) if (file.includes('/node_modules/')) found.push(`loads a package: ${file}`);
  for (const file of files) if (file.includes('/src/cli/')) found.push(`loads the command: ${file}`);
  return found;
}

describe('start-up budget', () => {
  test('importing the front door loads nothing heavy, no package and not the command', () => {
    const loaded = loadedBy(join(root, 'src', 'index.ts'));
    assert.ok(loaded.files.length > 10, 'the reader saw no files');
    assert.deepEqual(excess(loaded, frontDoor), []);
  });

  for (const entry of [
    'src/threads/entry/thread-worker.ts',
    'src/processes/entry/process-worker.ts',
    'src/hybrid/entry/hybrid-process.ts',
  ]) {
    test(`what starts in ${entry} does not carry the pool`, () => {
      // read from its imports: running it needs a parent
      const path = join(root, entry);
      const visited = new Set<string>();
      visit(path, visited);
      const foreign = [...visited].filter((file) => /\/src\/(?:pool|executors|cli|advise)\//.test(file));
      assert.deepEqual(foreign, []);
      assert.ok(visited.size > 3, 'saw no imports');
    });
  }
});

describe('the budget catches', () => {
  const folder = mkdtempSync(join(tmpdir(), 'manyhands-start-up-'));
  after(() => rmSync(folder, { recursive: true, force: true }));

  const planted: Readonly<Record<string, readonly [code: string, expected: RegExp]>> = {
    'the inspector': [`import 'node:inspector';`, /loads node:inspector/],
    'the inspector by its promises': [`import 'node:inspector/promises';`, /loads node:inspector/],
    'a server': [`import 'node:http';`, /loads node:http/],
    'a package': [`import ${JSON.stringify(import.meta.resolve('expect-type'))};`, /loads a package/],
  };
  for (const [what, [code, expected]] of Object.entries(planted)) {
    test(what, () => {
      const file = join(folder, `${what.replaceAll(' ', '-')}.mjs`);
      writeFileSync(file, code);
      assert.match(excess(loadedBy(file), frontDoor).join('\n'), expected);
    });
  }
});
