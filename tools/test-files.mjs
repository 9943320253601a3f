/**
 * Which files are tests.
 * @module
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { root } from './project.mjs';

/**
 * The test files at or below a path, relative to the repository, sorted.
 * @param {string} path  a file or a folder
 * @returns {string[]}
 */
export function testFilesIn(path) {
  const full = resolve(root, path);
  if (!existsSync(full)) return [];
  if (statSync(full).isFile()) return [relative(root, full)];
  /** @type {string[]} */
  const found = [];
  for (const entry of readdirSync(full, { withFileTypes: true })) {
    if (entry.isDirectory()) {
      if (entry.name !== 'fixtures' && entry.name !== 'node_modules')
        found.push(...testFilesIn(join(full, entry.name)));
    } else if (entry.name.endsWith('.test.ts')) {
      found.push(relative(root, join(full, entry.name)));
    }
  }
  return found.sort();
}

/** What the package has files for: the rest of src/ is inside of them and has no name. */
const PUBLIC = new Set(['src/index.ts', 'src/cli/entry/manyhands.ts']);

/**
 * Whether a test imports something of src/ that the package does not show, by itself or through a file beside it.
 * @param {string} file  relative to the repository
 * @param {Set<string>} [seen]
 * @returns {boolean}
 */
export function looksInside(file, seen = new Set()) {
  if (seen.has(file)) return false;
  seen.add(file);
  for (const [, specifier] of readFileSync(join(root, file), 'utf8').matchAll(/(?:from|import\()\s*'(\.[^']+\.ts)'/g)) {
    const target = relative(root, resolve(root, dirname(file), /** @type {string} */ (specifier)));
    if (target.startsWith('src/') ? !PUBLIC.has(target) : existsSync(join(root, target)) && looksInside(target, seen))
      return true;
  }
  return false;
}
