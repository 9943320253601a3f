/**
 * What `<module>[#export]` means: which module, from where, and which export of it.
 *
 * How it works  A file, as the current directory has it, goes first, with or without `./`; then what looks like a path or a URL
 *               and is no file is an error that says so; the rest is the name of a package or of a built-in module, found as a
 *               module in the current directory would find it. What follows the last `#` names the export.
 * @module
 */
import { statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { constants, Script } from 'node:vm';
import { UsageError } from './usage-error.ts';

/** A module and an export of it. */
export interface ModuleReference {
  /** As it was written, without the export. */
  readonly name: string;
  /** The export that was named. */
  readonly exportName: string | undefined;
  /** Path of the module, when it is a file. */
  readonly file: string | undefined;
  /** Loads it. */
  load(): Promise<Readonly<Record<string, unknown>>>;
}

/** Reads a reference, and finds its file. */
export function parseModuleReference(text: string, cwd: string): ModuleReference {
  const whole = fileOf(text, cwd);
  const hash = text.lastIndexOf('#');
  if (whole?.kind === 'file' || hash < 0) return reference(text, undefined, whole, cwd);
  const name = text.slice(0, hash);
  const exportName = text.slice(hash + 1);
  if (name === '') throw new UsageError(`${text}: the module is missing before "#". Write file.ts#export.`);
  if (exportName === '') throw new UsageError(`${text}: the export is missing after "#". Write file.ts#export.`);
  return reference(name, exportName, fileOf(name, cwd), cwd);
}

interface Place {
  readonly kind: 'file' | 'directory' | 'nothing';
  readonly path: string;
}

function reference(name: string, exportName: string | undefined, place: Place | undefined, cwd: string): ModuleReference {
  if (place?.kind === 'file') {
    const { href } = pathToFileURL(place.path);
    return { name, exportName, file: place.path, load: () => import(href) };
  }
  const isPath = place !== undefined && (/^(?:\.{1,2}(?:[/\\]|$)|[/\\]|[a-zA-Z]:[/\\]|file:)/.test(name) || hasExtension(name));
  if (place?.kind === 'directory' && (isPath || !isPackageName(name))) {
    throw new UsageError(`${name} is a directory, not a module. Name a file in it.`);
  }
  if (isPath) throw new UsageError(`There is no file ${name}.`, { hint: `Looked for ${place.path}` });
  if (/^(?:https?|data):/.test(name)) throw new UsageError(`${name}: only files, packages and node: modules can be loaded.`);
  return { name, exportName, file: undefined, load: () => importFrom(name, cwd) };
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

const isPackageName = (name: string): boolean => /^(?:@[\w.-]+\/)?[\w.-]+(?:\/[\w./-]+)?$/.test(name) && !name.endsWith('/');

/** Imports a package as a module in a folder would: `import()` has no parameter for that, a script that lives there has. */
function importFrom(name: string, cwd: string): Promise<Readonly<Record<string, unknown>>> {
  const script = new Script('(name) => import(name)', {
    filename: join(cwd, 'manyhands-command.js'),
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
  const load = script.runInThisContext() as (name: string) => Promise<Readonly<Record<string, unknown>>>;
  return load(name);
}
