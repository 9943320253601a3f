/**
 * Modules of this thread by URL: to confirm that an export is what it seems, and to load one that a packet names.
 *
 * How it works  `import()` gives the namespace of a module that is loaded already; it is kept, so only the first question about
 *               a module has to wait. A module that is still being evaluated would not answer before it is done, and it may
 *               itself be waiting for what we are about to send: the wait is limited, once for each module.
 * @module
 */
import { createRequire } from 'node:module';
import { types } from 'node:util';
import { BoundedMap } from './bounded-map.ts';
import { compileIn } from './compile.ts';
import { importing } from './import-guard.ts';
import { fileOf } from './main-module.ts';

const PATIENCE = 250; // milliseconds
const MAX_IMPORTERS = 500;
const namespaces = new Map<string, object>();
const urls = new WeakMap<object, string>();
const pending = new Map<string, Promise<object | undefined>>();
const late = new Set<string>();
const importers = new BoundedMap<string, (specifier: string, options?: object) => Promise<object>>(MAX_IMPORTERS);
/** Made for the first CommonJS module. */
let here: NodeJS.Require | undefined;

/** The module's namespace, if it is known already. */
export const knownNamespace = (url: string): object | undefined => namespaces.get(url);

/** The URL of a namespace that was seen before. */
export const urlOfNamespace = (namespace: object): string | undefined => urls.get(namespace);

/** All namespaces that are known. */
export const knownNamespaces = (): Iterable<[string, object]> => namespaces.entries();

/** The module's namespace, or undefined when it cannot be imported or is still being evaluated. */
export async function askNamespace(url: string): Promise<object | undefined> {
  const known = namespaces.get(url);
  if (known !== undefined) return known;
  let asking = pending.get(url);
  if (asking === undefined) {
    asking = loadNamespace(url).catch(() => undefined);
    pending.set(url, asking);
    void asking.finally(() => {
      pending.delete(url);
      late.delete(url);
    });
  } else if (late.has(url)) {
    return undefined;
  }
  const { promise: timeout, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => {
    late.add(url);
    resolve(undefined);
  }, PATIENCE);
  try {
    return await Promise.race([asking, timeout]);
  } finally {
    clearTimeout(timer);
  }
}

async function loadNamespace(url: string): Promise<object> {
  const namespace = (await import(url)) as object;
  remember(url, namespace);
  return namespace;
}

function remember(url: string, namespace: object): void {
  namespaces.set(url, namespace);
  if (types.isModuleNamespaceObject(namespace)) urls.set(namespace, url);
}

/** Loads what a packet names: an ES module's namespace, or a CommonJS module's exports. */
export async function loadModule(url: string, esm: boolean): Promise<unknown> {
  const known = esm ? namespaces.get(url) : undefined;
  if (known !== undefined) return known;
  if (!esm) return await importing(url, () => required(fileOf(url) as string));
  return await importing(url, () => loadNamespace(url));
}

function required(file: string): unknown {
  here ??= createRequire(import.meta.url);
  return here(file) as unknown;
}

/** Imports as an import statement in the file at `url` would. */
export async function importFrom(url: string, specifier: string, type: string | undefined): Promise<object> {
  const load = importers.getOrMake(
    url,
    () =>
      compileIn(url, 'return (s, o) => import(s, o)', [])() as (specifier: string, options?: object) => Promise<object>,
  );
  return await importing(`${specifier} (for ${url})`, () =>
    load(specifier, type === undefined ? undefined : { with: { type } }),
  );
}
