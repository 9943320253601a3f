/**
 * Functions and classes by reference: the module they are in, and the way from its exports.
 *
 * How it works  V8 tells the file. In a CommonJS module the exports are at hand. In an ES module a function that is the value of a
 *               variable whose declaration says `export` is its export. Otherwise the namespace is asked for once, which takes a
 *               promise, so that a thread which blocks right then would not send before it goes on; afterwards it is known. The function found under the path is compared with the one to be
 *               sent: a reference is only made to what is identical. What a module does not export, but keeps in a variable of
 *               its own, is reached through the module scope of an export.
 * When a module is still being evaluated  its source text has to do: an export list with that name is trusted. So it is for this
 *               library's own modules.
 * @module
 */
import { tokenOf } from './identity.ts';
import { LIBRARY } from './import-binding.ts';
import type { Insight } from './inspector.ts';
import { commonJsModule, commonJsModules } from './known-values.ts';
import { bareUrl, fileOf, mainModule } from './main-module.ts';
import { pathFromExports, pathFromScope } from './member-path.ts';
import { scopeWith } from './module-anchor.ts';
import { askNamespace, importFrom, knownNamespace, knownNamespaces } from './namespaces.ts';
import type { PacketNode, Step } from './packet.ts';
import { readVariable } from './member-path.ts';
import { sourceFile, type SourceFile } from './source-file.ts';

const cache = new WeakMap<Function, PacketNode>();

/** The reference found before, if any. */
export const knownReference = (fn: Function): PacketNode | undefined => cache.get(fn);

/** A reference, or a promise of one; undefined (also later) when the function has to travel by value. */
export function referenceTo(
  fn: Function,
  url: string,
  { scopes }: Insight,
): PacketNode | undefined | Promise<PacketNode | undefined> {
  const moduleScope = scopes.find((scope) => scope.type === 'Module');
  if (moduleScope === undefined) return commonJsReference(fn, url, { scopes });
  const local = pathFromScope(moduleScope, fn);
  const file = sourceFile(url);
  if (local === undefined && !file.hasDefaultExport && file.text !== '') return undefined;
  const namespace = knownNamespace(url);
  const [first] = local ?? [];
  if (namespace === undefined && typeof first === 'string' && (file.declaresExport(first) || url.startsWith(LIBRARY))) {
    const found = trusted(fn, url, file, local);
    if (found !== undefined) return remember(fn, found);
  }
  if (namespace !== undefined) return remember(fn, inExports(fn, url, true, namespace, local));
  return askNamespace(url).then((found) => {
    if (found !== undefined) return remember(fn, inExports(fn, url, true, found, local));
    return trusted(fn, url, file, local);
  });
}

/** A reference to an export that the source text names. */
function trusted(
  fn: Function,
  url: string,
  file: SourceFile,
  local: readonly Step[] | undefined,
): PacketNode | undefined {
  const first = local?.[0];
  if (local === undefined || typeof first !== 'string' || !file.exports(first)) return undefined;
  return node(fn, url, true, 'exports', local);
}

function commonJsReference(fn: Function, url: string, { scopes }: Insight): PacketNode | undefined {
  const file = fileOf(url);
  const module = file === undefined ? undefined : commonJsModule(file);
  if (module === undefined) return undefined;
  const local = pathFromScope(
    scopes.findLast((scope) => scope.type === 'Closure'),
    fn,
  );
  return remember(fn, inExports(fn, url, false, module.exports, local));
}

function inExports(
  fn: Function,
  url: string,
  esm: boolean,
  exports: unknown,
  local: readonly Step[] | undefined,
): PacketNode | undefined {
  const path = pathFromExports(exports, fn);
  if (path !== undefined) return node(fn, url, esm, 'exports', path);
  const first = local?.[0];
  if (local === undefined || typeof first !== 'string') return undefined;
  const scope = scopeWith(exports, url, first);
  if (scope === undefined || pathFromScope(scope, fn) === undefined) return undefined;
  return readVariable(scope, first) === undefined ? undefined : node(fn, url, esm, 'scope', local);
}

function node(fn: Function, url: string, esm: boolean, from: 'exports' | 'scope', path: readonly Step[]): PacketNode {
  return ['reference', tokenOf(fn), url, esm, from, path];
}

function remember(fn: Function, found: PacketNode | undefined): PacketNode | undefined {
  if (found !== undefined) cache.set(fn, found);
  return found;
}

/**
 * Without an inspector the file of a function is not known, so the modules that might export it are searched: CommonJS modules,
 * those that were asked before, and what the main module imports.
 */
export function searchReference(fn: Function): PacketNode | Promise<PacketNode | undefined> {
  for (const [file, { exports }] of commonJsModules()) {
    const path = bareUrl(mainModule()).endsWith(file) ? undefined : pathFromExports(exports, fn);
    if (path !== undefined) return remember(fn, node(fn, file, false, 'exports', path)) as PacketNode;
  }
  for (const [url, namespace] of knownNamespaces()) {
    const path = pathFromExports(namespace, fn);
    if (path !== undefined) return remember(fn, node(fn, url, true, 'exports', path)) as PacketNode;
  }
  return searchImports(fn);
}

async function searchImports(fn: Function): Promise<PacketNode | undefined> {
  const main = mainModule();
  for (const { specifier, type } of sourceFile(main).imports.values()) {
    const exports = await importFrom(main, specifier, type).catch(() => undefined);
    const path = pathFromExports(exports, fn);
    const [name] = path ?? [];
    if (path?.length === 1 && typeof name === 'string') return remember(fn, ['import', main, specifier, name, type]);
  }
  return undefined;
}
