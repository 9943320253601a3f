/**
 * Every error code that the sources name is in docs/errors.md, and no other.
 * @module
 */
import type { SourceTree } from '../source-tree.ts';

/** Codes that Node raises and the sources read. They are not ours to document. */
const nodeCodes = new Set([
  'ERR_MODULE_NOT_FOUND',
  'ERR_PACKAGE_PATH_NOT_EXPORTED',
  'ERR_UNKNOWN_BUILTIN_MODULE',
  'ERR_UNKNOWN_FILE_EXTENSION',
  'ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING',
  'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX',
  'ERR_WORKER_INVALID_EXEC_ARGV',
  'ERR_WORKER_OUT_OF_MEMORY',
]);

const CODE = /\bERR_[A-Z0-9_]*[A-Z0-9]\b/g;

/** Codes in the sources, with the first place of each. */
export function codesIn(tree: SourceTree): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const [path, text] of tree) {
    if (!path.endsWith('.ts')) continue;
    for (const [index, line] of text.split('\n').entries()) {
      for (const [code] of line.matchAll(CODE)) {
        if (!nodeCodes.has(code) && !found.has(code)) found.set(code, `${path}:${index + 1}`);
      }
    }
  }
  return found;
}

/** Codes that open a row of a table. */
export function codesDocumented(page: string): ReadonlySet<string> {
  return new Set([...page.matchAll(/^\|\s*`(ERR_[A-Z0-9_]+)`[ †]*\|/gm)].map((match) => match[1] ?? ''));
}

/** What is missing on either side. */
export function checkErrorCodes(tree: SourceTree, page: string): string[] {
  const used = codesIn(tree);
  const documented = codesDocumented(page);
  const violations: string[] = [];
  for (const [code, place] of used) {
    if (!documented.has(code)) violations.push(`${place}: ${code} has no row in docs/errors.md`);
  }
  for (const code of documented) if (!used.has(code)) violations.push(`docs/errors.md: ${code} is in no source file`);
  return violations;
}
