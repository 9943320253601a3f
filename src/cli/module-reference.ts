/**
 * What `<module>[#export]` means: which module, from where, and which export of it.
 *
 * How it works  A file, as the current directory has it, goes first, with or without `./`; then what looks like a path or a URL
 *               and is no file is an error that says so; the rest is the name of a package or of a built-in module, found as a
 *               module in the current directory would find it. What follows the last `#` names the export.
 * @module
 */
import { statSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { UsageError } from './usage-error.ts';

/** A module and an export of it. */
export interface ModuleReference {
  /** As it was written, without the export. */
  readonly name: string;
  /** The export that was named. */
  readonly exportName: string | undefined;
  /** Path of the module, when it is a file. */
  readonly file: string | undefined;
  /** Whether a directory has its name. */
  readonly isDirectory: boolean;
  /** Loads it. */
  load(): Promise<Readonly<Record<string, unknown>>>;
}

/** Reads a reference, and finds its file. */
export function parseModuleReference(text: string, cwd: string): ModuleReference {
  const hash = text.lastIndexOf('#');
  // A file's name may hold a "#"; a URL's has it encoded
  const whole = hash >= 0 && text.startsWith('file:') ? undefined : fileOf(text, cwd);
  if (whole?.kind === 'file' || hash < 0) return reference(text, undefined, whole, cwd);
  const name = text.slice(0, hash);
  const exportName = text.slice(hash + 1);
  if (name === '') throw new UsageError(`${text}: the module is missing before "#". Write file.ts#export.`);
  if (exportName === '') throw new UsageError(`${text}: the export is missing after "#". Write file.ts#export.`);
  return reference(name, exportName, fileOf(name, cwd), cwd);
}

/** A directory stands where a module should. */
export const directoryError = (name: string): UsageError =>
  new UsageError(`${name} is a directory, not a module. Name a file in it.`);

interface Place {
  readonly kind: 'file' | 'directory' | 'nothing';
  readonly path: string;
}

function reference(
  name: string,
  exportName: string | undefined,
  place: Place | undefined,
  cwd: string,
): ModuleReference {
  if (place?.kind === 'file') {
    const { href } = pathToFileURL(place.path);
    return { name, exportName, file: place.path, isDirectory: false, load: () => import(href) };
  }
  const isPath =
    place !== undefined && (/^(?:\.{1,2}(?:[/\\]|$)|[/\\]|[a-zA-Z]:[/\\]|file:)/.test(name) || hasExtension(name));
  if (place?.kind === 'directory' && (isPath || !isPackageName(name))) {
    throw directoryError(name);
  }
  if (isPath) throw new UsageError(`There is no file ${name}.`, { hint: `Looked for ${place.path}` });
  if (/^(?:https?|data):/.test(name))
    throw new UsageError(`${name}: only files, packages and node: modules can be loaded.`);
  const isDirectory = place?.kind === 'directory';
  return { name, exportName, file: undefined, isDirectory, load: () => importFrom(name, cwd) };
}

function fileOf(name: string, cwd: string): Place | undefined {
  if (/^[a-z][a-z0-9+.-]+:/i.test(name) && !name.startsWith('file:')) return undefined;
  let path: string;
  try {
    path = name.startsWith('file:') ? fileURLToPath(name) : resolve(cwd, name);
  } catch (error) {
    throw new UsageError(`${name} is no file URL: ${(error as Error).message}.`, { cause: error });
  }
  const stats = statSync(path, { throwIfNoEntry: false });
  return { path, kind: stats === undefined ? 'nothing' : stats.isDirectory() ? 'directory' : 'file' };
}

const hasExtension = (name: string): boolean => /\.[cm]?[jt]sx?$/.test(name);

const isPackageName = (name: string): boolean =>
  /^(?:@[\w.-]+\/)?[\w.-]+(?:\/[\w./-]+)?$/.test(name) && !name.endsWith('/');

/** Imports a package as a module in a folder would: `import()` has no parameter for that, so its resolution is led there. */
async function importFrom(name: string, cwd: string): Promise<Readonly<Record<string, unknown>>> {
  const parentURL = pathToFileURL(join(cwd, 'manyhands')).href;
  const hooks = registerHooks({
    resolve(specifier, context, next) {
      const isOurs = specifier === name && context.parentURL === import.meta.url;
      return next(specifier, isOurs ? { ...context, parentURL } : context);
    },
  });
  try {
    return (await import(name)) as Readonly<Record<string, unknown>>;
  } finally {
    hooks.deregister();
  }
}
