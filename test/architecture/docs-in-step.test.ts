/**
 * Documents that say the same as the code: links, the layer picture, the error codes, the list of supported versions.
 * @module
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { layersIn, withLayers } from '../../tools/draw-layers.ts';
import { checkErrorCodes, codesIn } from './guards/error-codes.ts';
import { checkLinks } from './guards/links.ts';
import { drawLayers } from './layer-table.ts';
import { assertNone, plant, readSources, readTree, root, type SourceTree } from './source-tree.ts';

const read = (file: string): string => readFileSync(join(root, file), 'utf8');
const documents = readTree('.', (path) => path.endsWith('.md'));
const onDisk = (path: string): boolean => existsSync(join(root, path));

describe('links', () => {
  test('all lead somewhere', () => {
    const { violations, linksSeen } = checkLinks(documents, onDisk);
    assertNone(violations);
    assert.ok(linksSeen > 20, `saw only ${linksSeen} links: the guard is blind`);
  });

  const planted: Readonly<Record<string, RegExp>> = {
    '[gone](./gone.md)': /gone\.md leads to nothing/,
    '[gone](gone.md "with a title")': /leads to nothing/,
    '![picture](gone.png)': /gone\.png leads to nothing/,
    '<img src="gone.png">': /leads to nothing/,
    '[a]: gone.md': /leads to nothing/,
    '[out](../outside.md)': /leads out of the repository/,
    '# Here\n[no heading](#there)': /no heading for #there/,
    '[no heading](other.md#there)': /other\.md has no heading for #there/,
  };
  for (const [text, expected] of Object.entries(planted)) {
    test(`caught: ${JSON.stringify(text)}`, () => {
      const tree: SourceTree = new Map([
        ['planted.md', text],
        ['other.md', '# Here\n'],
      ]);
      assert.match(checkLinks(tree, () => false).violations.join('\n'), expected);
    });
  }

  test('what is no link, or good, passes', () => {
    const text =
      '# Two words\n[a](#two-words) [b](other.md#here) `[c](gone.md)`\n```\n[d](gone.md)\n```\n[e](https://x.y/z)';
    const tree: SourceTree = new Map([
      ['planted.md', text],
      ['other.md', '## Here\n'],
    ]);
    assert.deepEqual(
      checkLinks(tree, () => false),
      { violations: [], linksSeen: 2 },
    );
  });
});

describe('the layer picture', () => {
  test('in ARCHITECTURE.md is the one that the table draws (npm run docs)', () => {
    assert.equal(layersIn(read('ARCHITECTURE.md')), drawLayers());
  });

  test('is caught when it is stale', () => {
    const stale = withLayers(read('ARCHITECTURE.md'), drawLayers().replace('memory', 'memories'));
    assert.notEqual(layersIn(stale), drawLayers());
  });
});

describe('error codes', () => {
  const sources = readSources();
  const page = read('docs/errors.md');

  test('in the sources and in docs/errors.md are the same', () => {
    assertNone(checkErrorCodes(sources, page));
    assert.ok(codesIn(sources).size > 5, 'saw no codes');
  });

  test('are caught when they are new', () => {
    const tree = plant(sources, { 'src/pool/x.ts': `throw new PoolError('…', { code: 'ERR_PLANTED' });` });
    assert.match(checkErrorCodes(tree, page).join('\n'), /src\/pool\/x\.ts:1: ERR_PLANTED has no row/);
  });

  test('are caught when they are gone', () => {
    const stale = `${page}\n| \`ERR_LONG_GONE\` | nothing | – | – |\n`;
    assert.match(checkErrorCodes(sources, stale).join('\n'), /ERR_LONG_GONE is in no source file/);
  });
});
