/**
 * Imports go down only: the layer table against src/, and the guard against planted violations.
 * @module
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { checkLayers } from './guards/layers.ts';
import { ground, layers, reachable } from './layer-table.ts';
import { importsOf } from './source-text.ts';
import { assertNone, plant, readSources } from './source-tree.ts';

const sources = readSources();

describe('layers', () => {
  test('every import in src/ goes the way the table allows', () => {
    const { violations, importsSeen } = checkLayers(sources);
    assertNone(violations);
    assert.ok(importsSeen > 100, `saw only ${importsSeen} imports: the guard is blind`);
  });

  test('the table has no cycle and names nothing that is not in it', () => {
    for (const [name, { to }] of Object.entries(layers)) {
      assert.ok(!reachable(name).has(name), `${name} reaches itself`);
      for (const target of to) assert.ok(target in layers, `${name} → ${target}, which is not in the table`);
    }
    for (const name of ground) assert.deepEqual(layers[name]?.to, []);
  });
});

describe('the layer guard catches', () => {
  const spellings: Readonly<Record<string, string>> = {
    'a static import': `import { Pool } from '../pool/planted.ts';`,
    'an import over several lines': `import {\n  a,\n  type B,\n} from\n  '../pool/planted.ts';`,
    'an import for effect': `import '../pool/planted.ts';`,
    'a type import': `import type { Pool } from '../pool/planted.ts';`,
    'an export from': `export { Pool } from '../pool/planted.ts';`,
    'an export of all': `export * from '../pool/planted.ts';`,
    'a dynamic import': `const pool = await import('../pool/planted.ts');`,
    'an import() type': `let pool: import('../pool/planted.ts').Pool;`,
    'a URL': `new Worker(new URL('../pool/planted.ts', import.meta.url));`,
    'a URL through a function': `entryUrl('../pool/planted', import.meta.url);`,
    'a require': `const pool = require('../pool/planted.ts');`,
    'an import after a template with code in it': 'const a = `x ${`}` + "`"} y`;\nimport "../pool/planted.ts";',
    'an import after a regular expression': `const a = /['"\`/*]/; import { b } from '../pool/planted.ts';`,
  };
  for (const [what, code] of Object.entries(spellings)) {
    test(`upwards: ${what}`, () => {
      const { violations } = checkLayers(plant(new Map(), { 'src/memory/planted.ts': code }));
      assert.equal(violations.length, 1, violations.join('\n'));
      assert.match(violations[0] ?? '', /memory may not import pool/);
    });
  }

  const others: Readonly<Record<string, readonly [path: string, code: string, expected: RegExp]>> = {
    'a pool that knows a backend': ['src/pool/x.ts', `import '../threads/thread.ts';`, /pool may not import threads/],
    'a backend that knows the other': [
      'src/threads/x.ts',
      `import '../processes/process.ts';`,
      /threads may not import processes/,
    ],
    'errors that import': [
      'src/errors/x.ts',
      `import '../observe/events.ts';`,
      /errors may not import observe.*nothing/,
    ],
    'a command that goes behind the door': ['src/cli/x.ts', `import '../pool/crew.ts';`, /cli may not import pool/],
    'a folder that nobody planned': ['src/extras/x.ts', '', /src\/extras is not in the layer table/],
    'an index inside src': ['src/pool/x.ts', `import { f } from '../futures/index.ts';`, /imports the index/],
    'a file outside src': ['src/pool/x.ts', `import '../../test/x.ts';`, /not in src/],
    'the front door from inside': ['src/pool/x.ts', `import '../index.ts';`, /pool may not import index/],
  };
  for (const [what, [path, code, expected]] of Object.entries(others)) {
    test(what, () => assert.match(checkLayers(plant(sources, { [path]: code })).violations.join('\n'), expected));
  }

  test('nothing where there is nothing: comments and texts that look like imports', () => {
    assert.deepEqual(
      importsOf(`// import '../pool/x.ts'\n/* import('../pool/x.ts') */ const a = "import x from y";`),
      [],
    );
  });

  test('its own blindness: a tree without imports shows none', () => {
    assert.equal(checkLayers(new Map([['src/memory/x.ts', 'export const x = 1;']])).importsSeen, 0);
  });
});
