/**
 * Loads a rival's package from bench/node_modules.
 *
 * By a name that the type checker cannot follow, on purpose: the project type-checks on a clone that has not installed the
 * rivals. Each adapter writes down the few types that it uses.
 * @module
 */
import { existsSync, readFileSync } from 'node:fs';

/** The names in bench/package.json. */
export type RivalPackage = 'piscina' | 'tinypool' | 'workerpool' | 'poolifier' | 'multithreading';

/** The package's exports, taken to be what the adapter says. */
export async function loadRival<T>(name: RivalPackage): Promise<T> {
  return (await import(name)) as T;
}

/** The version that is installed, or undefined when none is. */
export function rivalVersion(name: string): string | undefined {
  const file = new URL(`../node_modules/${name}/package.json`, import.meta.url);
  if (!existsSync(file)) return undefined;
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
