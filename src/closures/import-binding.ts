/**
 * Whether a captured variable is what an import statement of its file binds.
 *
 * The statement is found by pattern, so a look-alike could fool it; where the imported module is at hand (Node's own modules, and
 * modules asked before) the captured value must be what that module exports.
 * @module
 */
import { isBuiltin } from 'node:module';
import { types } from 'node:util';
import { bareUrl } from './main-module.ts';
import { knownNamespace } from './namespaces.ts';
import { type ImportBinding, type SourceFile, sourceFile } from './source-file.ts';

/** Where this library's modules are. */
export const LIBRARY = new URL(import.meta.url.endsWith('.ts') ? '..' : '.', import.meta.url).href;
const PACKAGE = 'manyhands';

/** An import, and whether what it binds never changes. */
export interface ImportedAs extends ImportBinding {
  readonly constant: boolean;
}

/** The import that binds `name` in a file, or undefined. */
export function importedAs(file: SourceFile, url: string, name: string, value: unknown): ImportedAs | undefined {
  const binding = file.importOf(name);
  if (binding === undefined || !agrees(binding, url, value)) return undefined;
  const { specifier } = binding;
  if (typeof value === 'object' || typeof value === 'function') return { ...binding, constant: true };
  // A primitive: the exporting module may assign to it.
  const target = relative(specifier, url);
  return { ...binding, constant: target !== undefined && sourceFile(target).exportsConstant(binding.name) };
}

/** Whether an import statement of the file at `url` means this library. */
export const isLibrary = (specifier: string, url: string): boolean =>
  specifier === PACKAGE || (relative(specifier, url)?.startsWith(LIBRARY) ?? false);

function agrees({ specifier, name }: ImportBinding, url: string, value: unknown): boolean {
  if (name === '*') return types.isModuleNamespaceObject(value) || types.isProxy(value);
  const exports = isBuiltin(specifier) ? builtin(specifier) : knownNamespace(relative(specifier, url) ?? '');
  if (exports === undefined) return true;
  const expected = (exports as Record<string, unknown>)[name];
  return expected === value || (isBuiltin(specifier) && name === 'default' && exports === value);
}

const builtin = (specifier: string): object | undefined => process.getBuiltinModule(specifier);

const relative = (specifier: string, url: string): string | undefined =>
  /^\.{0,2}\/|^file:/.test(specifier) && url.startsWith('file:') ? new URL(specifier, bareUrl(url)).href : undefined;
