/**
 * What the front door and the folders' indexes export.
 *
 * finalizerslogg-03 (a logger of the library) does not apply: the library writes no log. What went wrong is an error, or goes to
 * `onUncaught()`.
 * @module
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { root } from './source-tree.ts';

type Names = Readonly<Record<string, unknown>>;
const source = join(root, 'src');
const folders = readdirSync(source, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && entry.name !== 'cli')
  .map(({ name }) => name);
const load = async (...path: string[]): Promise<Names> =>
  (await import(pathToFileURL(join(source, ...path, 'index.ts')).href)) as Names;

/** Folders that work for the others; their indexes are for whoever reads. */
const inner = new Set(['closures', 'hybrid', 'memory', 'messaging']);
/** What the others' indexes show to other folders only. */
const between = new Set([
  ...['TaskPool', 'processBackend', 'threadBackend', 'inlineBackend'],
  ...['keepThreadLot', 'processEnded', 'threadEnded', 'threadLotMemory'],
]);

describe('exports', () => {
  test('finalizerslogg-02: every name that an index lists is there', async () => {
    for (const folder of ['', ...folders])
      for (const [name, value] of Object.entries(await load(folder)))
        assert.notEqual(value, undefined, `${folder}: ${name}`);
  });

  test('finalizerslogg-04: what the folders show is at the front door', async () => {
    const front = await load();
    for (const folder of folders.filter((name) => !inner.has(name))) {
      const missing = Object.keys(await load(folder)).filter((name) => !(name in front) && !between.has(name));
      assert.deepEqual(missing, [], folder);
    }
    assert.ok(Object.keys(front).length > 100);
  });

  test('tracingruntime-01: nothing that is private is at the front door', async () => {
    const front = await load();
    const names = Object.keys(front);
    assert.deepEqual(
      names.filter((name) => name.startsWith('_') || between.has(name)),
      [],
    );
    const internal =
      /\/\*\* @internal(?:(?!\*\/)[^])*\*\/\s*export (?:declare )?(?:async )?(?:function|class|const|let) (\w+)/g;
    const found: string[] = [];
    for (const folder of folders)
      for (const file of readdirSync(join(source, folder)).filter((name) => name.endsWith('.ts')))
        for (const [, name = ''] of readFileSync(join(source, folder, file), 'utf8').matchAll(internal))
          found.push(name);
    assert.deepEqual(
      found.filter((name) => names.includes(name)),
      [],
    );
  });
});
