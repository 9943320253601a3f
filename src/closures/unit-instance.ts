/**
 * A code unit brought to life: its functions can be made, and its variables set.
 *
 * How it works  The text is compiled once for each unit and run once for each packet, so every packet has variables of its own.
 * Gotcha        `this` at the top of the text stands for whatever `this` was around an arrow in the user's file, which is not
 *               known here: touching it throws.
 * @module
 */
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Home } from './by-value.ts';
import { compileIn } from './compile.ts';
import { lexicalThis } from './lexical-this.ts';
import { bareUrl, fileOf } from './main-module.ts';
import type { CodeUnit } from './packet.ts';
import { UNIT_PARAMETERS } from './unit-builder.ts';

/** One packet's functions and variables of one script. */
export interface LiveUnit {
  /** Makes each function; a class may ask for its base class. */
  readonly make: readonly ((base?: unknown) => Function)[];
  /** Sets each captured variable of each scope. */
  readonly bind: readonly (readonly ((value: unknown) => void)[])[];
  /** Scopes that have their values. */
  readonly bound: Set<number>;
}

const compiled = new WeakMap<CodeUnit, Function>();

/** Runs a unit's text. */
export function instantiate(unit: CodeUnit, esm: boolean): LiveUnit {
  let run = compiled.get(unit);
  if (run === undefined) {
    run = compileIn(unit.url, unit.source, UNIT_PARAMETERS);
    compiled.set(unit, run);
  }
  const live: LiveUnit = { make: [], bind: [], bound: new Set() };
  const { url } = unit;
  const home: Home = { url, esm, strict: unit.source.startsWith('"use strict"') };
  run.call(lexicalThis, live.make, live.bind, home, unit.source.includes('$importMeta') ? metaOf(url) : undefined);
  return live;
}

/** `import.meta` as the user's file has it, but never the main module. */
function metaOf(url: string): object {
  const file = url.startsWith('file:') ? fileOf(url) : undefined;
  if (file === undefined) return { url, main: false };
  const resolve = (specifier: string): string => {
    if (/^\.{0,2}\//.test(specifier)) return new URL(specifier, bareUrl(url)).href;
    const found = createRequire(url).resolve(specifier);
    return /^(?:\/|[A-Za-z]:)/.test(found) ? pathToFileURL(found).href : `node:${found.replace(/^node:/, '')}`;
  };
  return { url, filename: file, dirname: dirname(file), main: false, resolve };
}
