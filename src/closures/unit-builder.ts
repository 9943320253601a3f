/**
 * The code of one script's functions that travel together, as one text.
 *
 * How it works  Scopes become nested blocks, and each function's text stands in the block of its scope: so functions that
 *               share a variable share it in the copy, and functions may call each other. The text declares the captured
 *               variables without values; the packet brings those, so the text stays the same and is sent once. Line breaks
 *               are put in where they can, so that stack traces show the lines of the user's file.
 *
 *                   "use strict"; $mhMake.home = () => $mhHome;
 *                   let cfg, helper; $mhBind[0] = [$mhValue => { cfg = $mhValue; }, …];
 *                   $mhMake[0] = () => ({ ["helper"]: x => x * cfg.n })["helper"];
 *                   { let k; $mhBind[1] = [$mhValue => { k = $mhValue; }]; $mhMake[1] = () => (x => helper(x) + k); }
 *
 * Which scope   V8 gives no identity for scopes. Two scopes are taken as one when they hold the same values under the same
 *               names within the same scope: that is certain when one of these values is a function made in it, otherwise
 *               doubtful, which only matters when somebody assigns to such a variable. Then packing fails.
 * @module
 */
import { type FunctionText, replaceImportMeta } from './function-text.ts';
import { BASE_PARAMETER } from './heritage.ts';
import type { Scope } from './inspector.ts';
import { readVariable } from './member-path.ts';
import type { Ref, UnitUse } from './packet.ts';

/** Parameters of the compiled text. */
export const UNIT_PARAMETERS = ['$mhMake', '$mhBind', '$mhHome', '$importMeta'] as const;

/** A scope in the making. */
export interface Env {
  readonly id: number;
  readonly parent: Env | undefined;
  readonly vars: Map<string, Ref>;
  readonly scope: Scope | undefined;
  readonly values: readonly unknown[];
  /** Whether two scopes may have been taken as one. */
  doubtful: boolean;
}

interface UnitFunction {
  readonly env: Env;
  readonly text: FunctionText;
  readonly name: unknown;
  readonly line: number;
}

/** Collects the functions of one script. */
export class UnitBuilder {
  readonly url: string;
  readonly esm: boolean;
  readonly strict: boolean;
  readonly id: number;
  readonly root: Env;
  readonly #envs: Env[] = [];
  readonly #functions: UnitFunction[] = [];
  readonly #homes = new Map<unknown, Env>();

  constructor(id: number, url: string, esm: boolean, strict: boolean) {
    this.id = id;
    this.url = url;
    this.esm = esm;
    this.strict = strict;
    this.root = this.#add(undefined, undefined, []);
  }

  /** The block for a scope; `fn` is the function whose scope it is. */
  envFor(parent: Env, scope: Scope, fn: Function): Env {
    const values = scope.names.map((name) => readVariable(scope, name));
    const twin = this.#envs.find((env) => env.parent === parent && isSame(env, scope, values));
    if (twin === undefined) return this.#add(parent, scope, values);
    const certain = values.some((value) => value === fn || this.#isWithin(this.#homes.get(value), twin));
    if (!certain) twin.doubtful = true;
    return twin;
  }

  /** Says where a function was made, before its captures are visited: they may lead back to it. */
  settle(fn: Function, env: Env): void {
    this.#homes.set(fn, env);
  }

  /** Adds a function's text; its index. */
  addFunction(env: Env, text: FunctionText, name: unknown, line: number): number {
    return this.#functions.push({ env, text, name, line }) - 1;
  }

  /** A variable of a doubtful scope that one of the functions assigns to. */
  sharedAssignment(): { readonly name: string; readonly by: string } | undefined {
    for (const { env, text, name: by } of this.#functions) {
      for (let each: Env | undefined = env; each !== undefined; each = each.parent) {
        if (!each.doubtful) continue;
        for (const name of each.vars.keys()) if (text.assigns(name)) return { name, by: String(by) };
      }
    }
    return undefined;
  }

  /** The text. */
  source(): string {
    const writer = new Writer(`${this.strict ? '"use strict"; ' : ''}$mhMake.home = () => $mhHome; `);
    this.#emit(this.root, writer);
    return writer.text;
  }

  /** What the packet says of this unit. */
  use(code: number): UnitUse {
    return {
      code,
      esm: this.esm,
      parents: this.#envs.map((env) => env.parent?.id ?? -1),
      envs: this.#envs.map((env) => [...env.vars]),
      scopeOf: this.#functions.map((each) => each.env.id),
    };
  }

  #add(parent: Env | undefined, scope: Scope | undefined, values: readonly unknown[]): Env {
    const env: Env = { id: this.#envs.length, parent, vars: new Map(), scope, values, doubtful: false };
    this.#envs.push(env);
    return env;
  }

  #isWithin(env: Env | undefined, outer: Env): boolean {
    for (let each = env; each !== undefined; each = each.parent) if (each === outer) return true;
    return false;
  }

  #emit(env: Env, writer: Writer): void {
    const names = [...env.vars.keys()];
    if (names.length > 0) {
      const setters = names.map((name) => `$mhValue => { ${name} = $mhValue; }`);
      // In sloppy code a variable may be called `let`, but for those that `let` declares.
      const word = names.includes('let') ? 'var' : 'let';
      writer.put(`${word} ${names.join(', ')}; $mhBind[${env.id}] = [${setters.join(', ')}]; `);
    }
    const parts: { readonly line: number; readonly emit: () => void }[] = [];
    this.#functions.forEach((each, index) => {
      if (each.env === env) parts.push({ line: each.line, emit: () => writer.putFunction(each, index) });
    });
    for (const child of this.#envs.filter((each) => each.parent === env)) {
      const emit = (): void => {
        const isBlock = !child.vars.has('let');
        writer.put(isBlock ? '{ ' : '(() => { ');
        this.#emit(child, writer);
        writer.put(isBlock ? '} ' : '})(); ');
      };
      parts.push({ line: this.#firstLine(child), emit });
    }
    for (const part of parts.sort((a, b) => a.line - b.line)) part.emit();
  }

  #firstLine(env: Env): number {
    const lines = this.#functions.filter((each) => this.#isWithin(each.env, env)).map((each) => each.line);
    return Math.min(...lines);
  }
}

class Writer {
  text: string;
  #line = 0;

  constructor(start: string) {
    this.text = start;
  }

  put(text: string): void {
    this.text += text;
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) this.#line += 1;
  }

  putFunction({ text, name, line }: UnitFunction, index: number): void {
    if (line > this.#line) this.put('\n'.repeat(line - this.#line));
    const expression = replaceImportMeta(text.expression);
    const key = JSON.stringify(name);
    const named = typeof name === 'string' && name !== '' && !text.isMethod;
    this.put(
      `$mhMake[${index}] = ${text.isClass ? BASE_PARAMETER : '()'} => ${named ? `({ [${key}]: ${expression} })[${key}]` : expression}; `,
    );
  }
}

const isSame = (env: Env, scope: Scope, values: readonly unknown[]): boolean =>
  env.scope !== undefined &&
  env.scope.type === scope.type &&
  env.values.length === values.length &&
  env.scope.names.every((name, i) => name === scope.names[i]) &&
  env.values.every((value, i) => Object.is(value, values[i]));
