/**
 * Source files as data: path → text. Guards read such a tree and never the disk, so that a planted violation is a tree with
 * one bad file in it.
 * @module
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Folder of the repository. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Text of each file by its path from the repository, with `/` between folders. */
export type SourceTree = ReadonlyMap<string, string>;

const NOT_OURS = new Set(['node_modules', 'dist', '.git', '.cache']);

/** Every file below a folder of the repository that the filter takes. */
export function readTree(folder: string, takes: (path: string) => boolean): SourceTree {
  const tree = new Map<string, string>();
  const visit = (full: string): void => {
    for (const entry of readdirSync(full, { withFileTypes: true })) {
      const inside = join(full, entry.name);
      const path = relative(root, inside).split(sep).join('/');
      if (entry.isDirectory()) {
        if (!NOT_OURS.has(entry.name)) visit(inside);
      } else if (takes(path)) {
        tree.set(path, readFileSync(inside, 'utf8'));
      }
    }
  };
  visit(join(root, folder));
  return tree;
}

/** The library's sources: TypeScript and the folders' READMEs. */
export function readSources(): SourceTree {
  return readTree('src', (path) => path.endsWith('.ts') || path.endsWith('.md'));
}

/** A tree with files added or replaced: how a test plants a violation. */
export function plant(tree: SourceTree, files: Readonly<Record<string, string>>): SourceTree {
  return new Map([...tree, ...Object.entries(files)]);
}

/** Fails with one line for each violation. */
export function assertNone(violations: readonly string[]): void {
  assert.ok(violations.length === 0, `violations (${violations.length}):\n${violations.join('\n')}`);
}
