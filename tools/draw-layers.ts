/**
 * Draws the layer table into ARCHITECTURE.md, between its two marks. `npm run docs` runs it.
 * @module
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { drawLayers } from '../test/architecture/layer-table.ts';
import { root } from '../test/architecture/source-tree.ts';

const START = '<!-- layers: drawn by `npm run docs` from test/architecture/layer-table.ts -->\n\n```mermaid\n';
const END = '\n```\n\n<!-- end of layers -->';

function placeOf(page: string): readonly [from: number, to: number] {
  const from = page.indexOf(START);
  const to = page.indexOf(END, from);
  if (from === -1 || to === -1)
    throw new Error('ARCHITECTURE.md has lost the marks between which its layers are drawn.');
  return [from + START.length, to];
}

/** The picture that a page holds. */
export function layersIn(page: string): string {
  return page.slice(...placeOf(page));
}

/** The page with another picture. */
export function withLayers(page: string, picture: string): string {
  const [from, to] = placeOf(page);
  return page.slice(0, from) + picture + page.slice(to);
}

if (process.argv[1] === import.meta.filename) {
  const file = join(root, 'ARCHITECTURE.md');
  writeFileSync(file, withLayers(readFileSync(file, 'utf8'), drawLayers()));
}
