/**
 * The source file behind a script: what its import statements bind, what it exports, what it assigns to.
 *
 * How it works  Read from disk once, with what is no code masked, and searched by pattern. Nothing here decides alone: an
 *               import is compared with the captured value where that is cheap, and an export is confirmed by its module.
 * Invariants    A file that cannot be read gives an empty text, so no import, no export, and "may be assigned to".
 * @module
 */
import { readFileSync } from 'node:fs';
import { assignsTo } from './assignments.ts';
import { BoundedMap } from './bounded-map.ts';
import { fileOf } from './main-module.ts';
import { maskSource } from './mask.ts';
import { isVar, varChanges } from './var-declarations.ts';

/** Where an imported name comes from. `name` is `*` for the whole module. */
export interface ImportBinding {
  readonly specifier: string;
  readonly name: string;
  readonly type: string | undefined;
}

const MAX_FILES = 200;
const files = new BoundedMap<string, SourceFile>(MAX_FILES);

/** One file, as text. */
export class SourceFile {
  readonly text: string;
  #masked: string | undefined;
  #imports: Map<string, ImportBinding> | undefined;
  readonly #assigned = new Map<string, boolean>();

  constructor(text: string) {
    this.text = text;
  }

  /** The text with what is no code blanked. */
  get masked(): string {
    this.#masked ??= maskSource(this.text);
    return this.#masked;
  }

  /** Where a name is imported from, or undefined when no import statement binds it. */
  importOf(name: string): ImportBinding | undefined {
    this.#imports ??= this.#readImports();
    return this.#imports.get(name);
  }

  /** All import bindings by local name. */
  get imports(): ReadonlyMap<string, ImportBinding> {
    this.#imports ??= this.#readImports();
    return this.#imports;
  }

  /** Whether an export statement mentions the name. */
  exports(name: string): boolean {
    const n = name.replace(/\$/g, '\\$');
    const list = new RegExp(`\\bexport\\s*\\{[^}]*(?<![\\w$])${n}(?![\\w$])[^}]*\\}`);
    return this.#declares('(?:default\\s+)?', name) || list.test(this.masked);
  }

  /** Whether a declaration exports a variable under its own name. */
  declaresExport(name: string): boolean {
    return this.#declares('', name);
  }

  #declares(before: string, name: string): boolean {
    const n = name.replace(/\$/g, '\\$');
    const words = '(?:async\\s+)?function\\s*\\*?|class|const|let|var';
    return new RegExp(`\\bexport\\s+${before}(?:${words})\\s+${n}(?![\\w$])`).test(this.masked);
  }

  /** Whether the file exports a constant by that name. */
  exportsConstant(name: string): boolean {
    return new RegExp(`\\bexport\\s+const\\s+${name.replace(/\$/g, '\\$')}(?![\\w$])`).test(this.masked);
  }

  get hasDefaultExport(): boolean {
    return /\bexport\s+default\b|\bexport\s*\{[^}]*\bas\s+default\b/.test(this.masked);
  }

  /** Whether it begins with `'use strict'`. */
  get isStrict(): boolean {
    return /^(?:#!.*\n)?(?:\s|\/\/.*\n|\/\*[^]*?\*\/)*(['"])use strict\1/.test(this.text);
  }

  /** Whether a variable that has a value now may be assigned to. */
  mayAssign(name: string, value: unknown): boolean {
    if (this.text === '' || (value === undefined && isVar(this.masked, name))) return true;
    let answer = this.#assigned.get(name);
    if (answer === undefined) {
      answer = assignsTo(this.masked, name) || varChanges(this.masked, name);
      this.#assigned.set(name, answer);
    }
    return answer;
  }

  #readImports(): Map<string, ImportBinding> {
    const table = new Map<string, ImportBinding>();
    // Masked strings are quotes around spaces: the clause is read from the mask, the specifier from the text.
    const statement =
      /\bimport(?!\s*type\s+(?:[{*]|(?!from\b)\w))\s*([\w$\s{},*]+?)\s*from\s*(["'])([ \t]+)\2(?:\s*(?:with|assert)\s*(\{[^}]*\}))?/dg;
    for (const match of this.masked.matchAll(statement)) {
      const indices = match.indices as [number, number][];
      const at = (group: number): string => this.text.slice(...(indices[group] as [number, number]));
      const type = indices[4] === undefined ? undefined : /\btype\s*['"]?\s*:\s*['"](\w+)/.exec(at(4))?.[1];
      const clause = /^\s*([\w$]+)?\s*,?\s*(?:\*\s*as\s+([\w$]+)|\{([^}]*)\})?\s*$/.exec(match[1] as string);
      if (clause === null) continue;
      const bind = (local: string, name: string): void => {
        table.set(local, { specifier: at(3), name, type });
      };
      const [, byDefault, namespace, named] = clause;
      if (byDefault !== undefined) bind(byDefault, 'default');
      if (namespace !== undefined) bind(namespace, '*');
      for (const part of named?.split(',') ?? []) {
        const [, name, local] = /^\s*(?:type\s+)?([\w$]+)(?:\s+as\s+([\w$]+))?\s*$/.exec(part) ?? [];
        if (name !== undefined) bind(local ?? name, name);
      }
    }
    return table;
  }
}

/** The source file at a URL. */
export function sourceFile(url: string): SourceFile {
  return files.getOrMake(url, () => new SourceFile(read(url)));
}

function read(url: string): string {
  try {
    const file = fileOf(url);
    return file === undefined ? '' : readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
