/**
 * Compiles code under the name of the user's file, so that stack traces and relative imports are right.
 *
 * `vm.compileFunction` with the main context's loader lets `import()` resolve from that file. Node warns once that the
 * option is experimental; the first use is made here, with that one warning held back.
 * @module
 */
import { type CompileFunctionOptions, compileFunction, constants } from 'node:vm';
import { bareUrl, isImportable } from './main-module.ts';

let warned = false;

/** Compiles a function body. */
export function compileIn(url: string, body: string, parameters: readonly string[]): Function {
  if (!warned) {
    warned = true;
    silently(() => compile('import("node:path")', [], undefined)());
  }
  return compile(body, parameters, isImportable(url) || url.startsWith('file:') ? bareUrl(url) : undefined);
}

function compile(body: string, parameters: readonly string[], filename: string | undefined): Function {
  const options: CompileFunctionOptions = { importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER };
  return compileFunction(body, [...parameters], filename === undefined ? options : { ...options, filename });
}

function silently(run: () => unknown): void {
  const { emitWarning } = process;
  process.emitWarning = (warning: string | Error, ...rest: never[]) => {
    if (!String(warning).includes('USE_MAIN_CONTEXT_DEFAULT_LOADER')) emitWarning.call(process, warning, ...rest);
  };
  try {
    run();
  } finally {
    process.emitWarning = emitWarning;
  }
}
