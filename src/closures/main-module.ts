/**
 * Which module is the user's main one: a worker never imports it unless it must, so a script needs no `import.meta.main` guard.
 *
 * The main thread knows from its own command line. A worker's `argv[1]` is the library's entry file, so a worker is told.
 * @module
 */
import { realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

let main: string | undefined;

/** Tells a worker the URL of the user's main module. */
export function setMainModule(url: string): void {
  main = url;
}

/** URL of the user's main module, or an empty string when there is none (REPL, `-e`). */
export function mainModule(): string {
  main ??= find(process.argv[1]);
  return main;
}

function find(argument: string | undefined): string {
  if (argument === undefined || argument === '') return '';
  for (const locate of [exactly, asNodeResolvesIt]) {
    try {
      return pathToFileURL(realpathSync(locate(argument))).href;
    } catch {
      // not by this way
    }
  }
  return '';
}

const exactly = (argument: string): string => (/\.\w+$/.test(argument) ? argument : asNodeResolvesIt(argument));
const asNodeResolvesIt = (argument: string): string => createRequire(join(process.cwd(), 'main')).resolve(argument);

/** A URL without query and fragment. */
export function bareUrl(url: string): string {
  const end = url.search(/[?#]/);
  return end < 0 ? url : url.slice(0, end);
}

/** Whether this is the user's main module. */
export const isMain = (url: string): boolean => bareUrl(url) === mainModule();

/** The file of a URL or path, or undefined when it is no file. */
export function fileOf(url: string): string | undefined {
  if (url.startsWith('file:')) return fileURLToPath(bareUrl(url));
  return url.startsWith('/') ? url : undefined;
}

/** Whether a script's name is something that import() can load again: a file, not the REPL, `-e`, or a bare name. */
export const isImportable = (url: string): boolean => /^(?:file|data|https?):/.test(url) && !/\/\[eval\d*\]/.test(url);
