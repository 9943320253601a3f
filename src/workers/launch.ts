/**
 * What a worker inherits: flags, environment, the user's main module, and where its entry file is.
 * @module
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { WorkerStartError } from '../errors/executor-errors.ts';

/** Flags that concern one process or its console, and would misdirect a worker; the first that fits tells how many words it takes. */
const LEFT_OUT: readonly (readonly [flag: RegExp, words: 1 | 2])[] = [
  [/^--(?:inspect-port|inspect-publish-uid|debug-port|input-type|watch-path|eval|print)$/, 2],
  [/^--test-(?:name-pattern|skip-pattern|reporter|reporter-destination|concurrency|timeout|shard|isolation)$/, 2],
  [/^(?:-e|-p|-pe)$/, 2],
  [/^--(?:inspect|debug-port|input-type|test|watch|eval|print)(?:-|=|$)/, 1],
  [/^(?:-i|--interactive|-c|--check)$/, 1],
];

/** This process's flags, without those that would misdirect a worker. */
export function inheritedFlags(flags: readonly string[] = process.execArgv): string[] {
  const kept: string[] = [];
  for (let i = 0; i < flags.length; i++) {
    const flag = flags[i] as string;
    const rule = LEFT_OUT.find(([pattern]) => pattern.test(flag));
    if (rule === undefined) kept.push(flag);
    else i += rule[1] - 1;
  }
  return kept;
}

/** Adds and takes out variables. */
export function environment(changes: Readonly<Record<string, string | undefined>> = {}): Record<string, string> {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries({ ...process.env, ...changes }))
    if (value !== undefined) env[name] = value;
  return env;
}

/**
 * The URL of an entry file, beside the module that names it, with that module's own extension: `.ts` in the sources, `.js`
 * in the package.
 *
 * @param name the file without its extension, relative to `base`
 * @param base `import.meta.url` of the caller
 * @throws WorkerStartError `ERR_WORKER_START` when it is not there, which is what a bundler does
 */
export function entryUrl(name: string, base: string): URL {
  const extension = /\.[cm]?[jt]s$/.exec(new URL(base).pathname)?.[0] ?? '.js';
  const url = new URL(name + extension, base);
  if (url.protocol === 'file:' && !existsSync(fileURLToPath(url))) {
    throw new WorkerStartError(
      `The file that workers start from is not at ${url.href}. A bundler has probably moved manyhands into another file: ` +
        `keep it external (esbuild: --external:manyhands) and install it beside the bundle.`,
    );
  }
  return url;
}
