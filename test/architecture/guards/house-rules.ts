/**
 * The rules of the house that hold for each file or folder by itself.
 * @module
 */
import { layers } from '../layer-table.ts';
import { codeLines, importsOf, withoutComments, withoutTexts } from '../source-text.ts';
import type { SourceTree } from '../source-tree.ts';
import { layerOf } from './layers.ts';

/** Most lines of code in a file. */
export const MOST_LINES = 400;

const NATIVE = new Set(['koffi', 'node:ffi', 'ffi']);
const SHAPELESS = /^(?:utils?|helpers?|common|misc|shared-utils|lib)$/;
const KEBAB = /^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.test)?\.ts$/;

const codeOf = (tree: SourceTree): [path: string, text: string][] => [...tree].filter(([path]) => path.endsWith('.ts'));

/** Only src/memory names `Atomics` or loads native code. */
export function checkMemoryDoor(tree: SourceTree): string[] {
  const violations: string[] = [];
  for (const [path, text] of codeOf(tree)) {
    if (layerOf(path) === 'memory') continue;
    const lines = withoutTexts(text).split('\n');
    for (const [index, line] of lines.entries()) {
      if (/\bAtomics\b/.test(line)) violations.push(`${path}:${index + 1}: names Atomics; only src/memory may`);
    }
    for (const { specifier, line } of importsOf(text)) {
      if (NATIVE.has(specifier)) violations.push(`${path}:${line}: loads ${specifier}; only src/memory may`);
    }
  }
  return violations;
}

/** The library itself runs on Node alone: only the command brings packages, and src/memory its native door. */
export function checkPackages(tree: SourceTree): string[] {
  const violations: string[] = [];
  for (const [path, text] of codeOf(tree)) {
    const layer = layerOf(path);
    for (const { specifier, line } of importsOf(text)) {
      if (/^(?:\.|\/|node:|file:|data:)/.test(specifier) || layer === 'cli') continue;
      if (layer === 'memory' && NATIVE.has(specifier)) continue;
      violations.push(`${path}:${line}: loads the package ${specifier}; only src/cli may use packages`);
    }
  }
  return violations;
}

/** Each folder has its index.ts and its README.md, and each folder that the table wants is there. */
export function checkFolders(tree: SourceTree): string[] {
  const violations: string[] = [];
  const present = new Set(
    [...tree.keys()].map((path) => path.split('/')).flatMap((parts) => (parts[2] ? [parts[1]] : [])),
  );
  for (const folder of present) {
    // the command has no names to offer to importers
    const needed = folder === 'cli' ? ['README.md'] : ['index.ts', 'README.md'];
    for (const file of needed) {
      if (!tree.has(`src/${folder}/${file}`)) violations.push(`src/${folder}: has no ${file}`);
    }
  }
  for (const [name, layer] of Object.entries(layers)) {
    if (name !== 'index' && layer.planned === undefined && !present.has(name)) {
      violations.push(`src/${name}: is in the layer table and not on the disk`);
    }
  }
  return violations;
}

/** Each file opens with a header that says how it works. */
export function checkHeaders(tree: SourceTree): string[] {
  const violations: string[] = [];
  for (const [path, text] of codeOf(tree)) {
    const header = /^(?:#![^\n]*\n)?\/\*\*[\s\S]*?\*\//.exec(text)?.[0];
    if (header === undefined) violations.push(`${path}: does not open with a /** … @module */ header`);
    else if (!/[\s*]@module\b/.test(header)) violations.push(`${path}: its header does not end with @module`);
    else if (!/\w{3}/.test(header.replace('@module', ''))) violations.push(`${path}: its header says nothing`);
  }
  return violations;
}

/** No file is longer than its idea. */
export function checkLengths(tree: SourceTree): string[] {
  return codeOf(tree)
    .map(([path, text]) => ({ path, lines: codeLines(text) }))
    .filter(({ lines }) => lines > MOST_LINES)
    .map(({ path, lines }) => `${path}: ${lines} lines of code; the most is ${MOST_LINES}`);
}

/** Names say what is inside. */
export function checkNames(tree: SourceTree): string[] {
  const violations: string[] = [];
  for (const path of tree.keys()) {
    for (const part of path
      .replace(/\.\w+$/, '')
      .split('/')
      .slice(1)) {
      if (SHAPELESS.test(part)) violations.push(`${path}: "${part}" says nothing; name it after its one main export`);
    }
    const file = path.slice(path.lastIndexOf('/') + 1);
    if (file.endsWith('.ts') && !KEBAB.test(file)) violations.push(`${path}: file names are in kebab-case`);
  }
  return violations;
}

/** Exports are named; the front door and the folders' indexes hold nothing but re-exports. */
export function checkExports(tree: SourceTree): string[] {
  const violations: string[] = [];
  for (const [path, text] of codeOf(tree)) {
    const code = withoutComments(text);
    if (/^\s*export\s+default\b/m.test(code) || /\bas\s+default\b\s*[,}]/.test(code)) {
      violations.push(`${path}: has a default export`);
    }
    if (path.endsWith('/index.ts')) {
      const rest = code.replace(/\bexport\b(?:[\w\s{},*$])*?\bfrom\s*'[^'\n]+'\s*;?/g, '').trim();
      if (rest !== '')
        violations.push(`${path}: an index holds re-exports only, found: ${rest.slice(0, 60).replace(/\s+/g, ' ')}`);
    }
  }
  return violations;
}
