/**
 * The module scope of a module, reached through any function that the module exports.
 *
 * A function that a module does not export, but that its exports call, stands in that scope: so it can be sent as module and
 * name, provided that the module exports at least one function that was written in the same file.
 * @module
 */
import { look, type Scope } from './inspector.ts';
import { bareUrl } from './main-module.ts';
import { scriptUrl } from './scripts.ts';

/** The outermost scope of the module at `url` that has a variable `name`, seen from one of its exports. */
export function scopeWith(exports: unknown, url: string, name: string): Scope | undefined {
  for (const anchor of functionsOf(exports)) {
    const { location, scopes } = look(anchor);
    if (location === undefined || bareUrl(scriptUrl(location.scriptId)) !== bareUrl(url)) continue;
    const scope = scopes.findLast((each) => each.names.includes(name));
    if (scope !== undefined) return scope;
  }
  return undefined;
}

function* functionsOf(exports: unknown): Iterable<Function> {
  if (typeof exports === 'function') yield exports;
  if (exports === null || (typeof exports !== 'object' && typeof exports !== 'function')) return;
  for (const key of Object.keys(exports)) {
    let value: unknown;
    try {
      value = (exports as Record<string, unknown>)[key];
    } catch {
      continue; // an export that has no value yet
    }
    if (typeof value === 'function') yield value;
  }
}
