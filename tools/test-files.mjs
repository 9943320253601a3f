/**
 * Which files are tests.
 * @module
 */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
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
