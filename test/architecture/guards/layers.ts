/**
 * Imports against the layer table.
 * @module
 */
import { posix } from 'node:path';
import { allowed, layers } from '../layer-table.ts';
import { importsOf } from '../source-text.ts';
import type { SourceTree } from '../source-tree.ts';

/** What the guard saw: without imports it has proved nothing. */
export interface LayerReport {
  readonly violations: readonly string[];
  readonly importsSeen: number;
}

/** The layer that a path of src/ belongs to; `index` for src/index.ts. */
export function layerOf(path: string): string {
  const [, folder = ''] = path.split('/');
  return folder.endsWith('.ts') ? folder.slice(0, -'.ts'.length) : folder;
}

/** Checks every import between folders of src/. */
export function checkLayers(tree: SourceTree): LayerReport {
  const violations: string[] = [];
  let importsSeen = 0;
  for (const [path, text] of tree) {
    if (!path.endsWith('.ts')) continue;
    const from = layerOf(path);
    if (layers[from] === undefined) {
      violations.push(`${path}: src/${from} is not in the layer table (test/architecture/layer-table.ts)`);
      continue;
    }
    for (const { specifier, line } of importsOf(text)) {
      if (!specifier.startsWith('.')) continue;
      importsSeen += 1;
      const target = posix.normalize(posix.join(posix.dirname(path), specifier));
      const place = `${path}:${line}`;
      if (!target.startsWith('src/')) {
        // package.json is the one file outside that ships, and sits at the same height from src/ and from dist/
        if (target !== 'package.json') violations.push(`${place}: imports ${target}, which is not in src/`);
        continue;
      }
      const to = layerOf(target);
      if (to !== from && !allowed(from).has(to)) {
        violations.push(`${place}: ${from} may not import ${to} (${specifier}); it may import ${list(allowed(from))}`);
      }
      const toBarrel = target.endsWith('/index.ts') && from !== 'index' && !(from === 'cli' && to === 'index');
      if (toBarrel)
        violations.push(`${place}: imports the index ${target}; inside src/ import the file that has the name`);
    }
  }
  return { violations, importsSeen };
}

function list(names: ReadonlySet<string>): string {
  return names.size === 0 ? 'nothing' : [...names].sort().join(', ');
}
