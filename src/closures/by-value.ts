/**
 * Functions and classes by value: their text, and the variables they capture.
 *
 * How it works  The free names of the text are looked up in the scopes that V8 shows, innermost first; each is bound in the block
 *               that stands for its scope (see `unit-builder.ts`). What an import statement of the file binds becomes an import;
 *               other values are packed like any value. The text alone tells what cannot be taken out of its place: `super`,
 *               private names, `arguments` and `this` of the function around an arrow.
 * Stable        when no captured variable may be assigned to and no captured value can change.
 * @module
 */
import Module, { isBuiltin } from 'node:module';
import { dirname } from 'node:path';
import { Script } from 'node:vm';
import { warnOfAssignment } from './assignment-warning.ts';
import { freeNames } from './free-names.ts';
import { type FunctionText, textOf } from './function-text.ts';
import { lostKeyName, withBaseParameter } from './heritage.ts';
import { tokenOf } from './identity.ts';
import { importedAs, isLibrary } from './import-binding.ts';
import type { Insight, Scope } from './inspector.ts';
import { globalNames, isRequire } from './known-values.ts';
import { lexicalThisMessage } from './lexical-this.ts';
import { fileOf, isImportable, isMain } from './main-module.ts';
import { notYet, ownerClass, readVariable } from './member-path.ts';
import type { PackContext } from './pack-context.ts';
import type { PacketNode, Ref } from './packet.ts';
import { packPrototype } from './prototype-changes.ts';
import { sourceFile } from './source-file.ts';
import type { Env, UnitBuilder } from './unit-builder.ts';

/** Where the code of a copy stood before it travelled; a variable of its outermost scope. */
export interface Home {
  readonly url: string;
  readonly esm: boolean;
  readonly strict: boolean;
}

/** Where a function was written. */
interface Origin extends Home {
  readonly scopes: readonly Scope[];
  readonly line: number;
  readonly copied: boolean;
}

/** Packs a function by value. */
export function packByValue(packer: PackContext, fn: Function, insight: Insight, url: string): PacketNode {
  const written = textOf(fn);
  const origin = originOf(fn, written, insight, url);
  if (written.isMethod) {
    const member = ownerClass(fn, origin.scopes);
    if (member !== undefined) {
      const owner = packer.at(`class ${member.owner.name}`, () => packer.add(member.owner));
      return ['member', tokenOf(fn), owner, member.path];
    }
  }
  refuse(packer, written);
  const visible = new Set(origin.scopes.flatMap((scope) => scope.names));
  const known = (name: string): boolean => visible.has(name);
  const rebased = written.isClass ? withBaseParameter(written, known) : undefined;
  const text = rebased ?? written;
  const key = written.isClass ? lostKeyName(text, known) : undefined;
  if (key !== undefined) {
    const how = `V8 keeps only variables that some function uses: use '${key}' in a method as well, or name the member`;
    packer.fail('ERR_SYNTAX', `a computed key of this class uses '${key}', which cannot be seen from here. ${how}.`);
  }
  const free = freeOf(packer, text, origin, known);
  const unit = packer.unitFor(origin.url, origin.esm, origin.strict);
  const env = bindCaptures(packer, fn, free, origin, unit);
  const index = unit.addFunction(env, text, fn.name, origin.line);
  if (!origin.copied) {
    for (const name of free) {
      if (text.assigns(name)) packer.onSuccess(() => warnOfAssignment(origin.url, origin.line, name, fn.name));
    }
  }
  const prototype = packPrototype(packer, fn, text.isClass);
  if (text.isClass) {
    const above: unknown = Object.getPrototypeOf(fn);
    const base = rebased === undefined ? (packer.refOf(above) ?? -1) : packer.at('extends', () => packer.add(above));
    return ['function', tokenOf(fn), unit.id, index, base, [], prototype];
  }
  const props = packer.fields(fn);
  if (props.length > 0) packer.stable = false;
  const base = prototype !== undefined || isConstructor(fn, text) ? -1 : undefined;
  return ['function', tokenOf(fn), unit.id, index, base, props, prototype];
}

/** Whether a function seems to be used as a class, so that the instances of two packets should have one. */
const isConstructor = (fn: Function, text: FunctionText): boolean =>
  /^function\s+[A-Z]/.test(text.text) && Object.hasOwn(fn, 'prototype') && text.mentions(/\bthis\b/);

/** The home that a copied function's outermost scope tells of, or where V8 says that the function stands. */
export function homeOf(scopes: readonly Scope[]): { readonly home: Home; readonly at: number } | undefined {
  const at = scopes.findIndex((scope) => scope.names.includes('$mhHome'));
  const home = at < 0 ? undefined : readVariable(scopes[at] as Scope, '$mhHome');
  return home === undefined || home === notYet ? undefined : { home: home as Home, at };
}

function originOf(fn: Function, text: FunctionText, { location, scopes }: Insight, url: string): Origin {
  const line = location?.lineNumber ?? 0;
  const copy = homeOf(scopes);
  if (copy !== undefined)
    return { ...copy.home, scopes: scopes.slice(0, copy.at + 1).map(withoutHome), line, copied: true };
  const esm = scopes.some((scope) => scope.type === 'Module');
  const strict = esm || isStrict(fn, text, url);
  if (isImportable(url)) return { url, esm, strict, scopes, line, copied: false };
  // In the REPL and in -e, declarations live on the global object.
  const names = Object.getOwnPropertyNames(globalThis).filter((name) => !globalNames.has(name));
  const globals: Scope = { type: 'Global', vars: globalThis, names };
  return { url, esm, strict, scopes: [...scopes, globals], line, copied: false };
}

/** The parameters of the compiled text are not the user's. */
const withoutHome = (scope: Scope): Scope =>
  scope.names.includes('$mhHome')
    ? { ...scope, names: scope.names.filter((name) => !/^\$(?:mh|importMeta$)/.test(name)) }
    : scope;

function isStrict(fn: Function, text: FunctionText, url: string): boolean {
  if (text.isClass) return false; // its body is strict anyway
  try {
    void (fn as { caller?: unknown }).caller;
    return false;
  } catch {
    // Arrows, methods, async functions and generators throw in either mode.
    return /^function\s*[^*\s]/.test(text.text) || sourceFile(url).isStrict;
  }
}

/** What cannot be taken out of its place. */
function refuse(packer: PackContext, text: FunctionText): void {
  if (text.isMethod && text.mentions(/\bsuper\b/)) {
    packer.fail(
      'ERR_SUPER',
      'this method uses super, and its class cannot be found from here; send the class or an instance.',
    );
  }
  if (!text.isArrow) return;
  if (text.mentions(/\barguments\b/)) {
    try {
      new Script(`(class { x = ${text.expression} })`); // where `arguments` of the surroundings is a syntax error
    } catch (error) {
      if (!/arguments/.test(String(error))) return;
      packer.fail(
        'ERR_ARGUMENTS',
        'this arrow function uses the arguments of the function around it; use rest parameters (...args).',
      );
    }
  }
  // Without a function, class or method inside, `this` can only be the one around the arrow; otherwise it is seen when it runs.
  if (text.mentions(/(?<![\w$.])this\b/) && !text.mentions(/\bfunction\b|\bclass\b|\)\s*\{/)) {
    packer.fail('ERR_LEXICAL_THIS', lexicalThisMessage);
  }
}

function freeOf(
  packer: PackContext,
  text: FunctionText,
  origin: Origin,
  known: (name: string) => boolean,
): readonly string[] {
  try {
    return freeNames(text, origin.strict, known);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const why = /#/.test(text.masked)
      ? 'this method uses private (#) members, so it can only be sent together with its class.'
      : `the source of this function does not stand alone (${error.message}).`;
    return packer.fail('ERR_SYNTAX', why, error);
  }
}

/** Binds each free name in the block of its scope; gives the block of the innermost. */
function bindCaptures(
  packer: PackContext,
  fn: Function,
  free: readonly string[],
  origin: Origin,
  unit: UnitBuilder,
): Env {
  const chain = origin.scopes.map((scope) => ({ scope, names: [] as string[] }));
  for (const name of free) chain.find(({ scope }) => scope.names.includes(name))?.names.push(name);
  let env = unit.root;
  const captures: { readonly env: Env; readonly scope: Scope; readonly name: string }[] = [];
  for (const { scope, names } of chain.reverse()) {
    if (names.length === 0) continue;
    const outermost =
      scope.type === 'Module' || scope.type === 'Global' || (origin.copied && scope === origin.scopes.at(-1));
    if (!outermost) env = unit.envFor(env, scope, fn);
    for (const name of names) captures.push({ env, scope, name });
  }
  unit.settle(fn, env);
  for (const each of captures) capture(packer, each.env, each.scope, each.name, origin);
  return env;
}

function capture(packer: PackContext, env: Env, scope: Scope, name: string, origin: Origin): void {
  if (env.vars.has(name)) return;
  env.vars.set(name, -1); // functions may refer to each other
  const value = readVariable(scope, name);
  const step = `captured variable '${name}'`;
  if (value === notYet) {
    packer.at(step, () => packer.fail('ERR_TDZ', 'it has no value yet: it is declared further down.'));
  }
  env.vars.set(name, special(packer, scope, name, value, origin) ?? packer.at(step, () => packer.add(value)));
}

/** Variables that are something else in another thread: imports, and what Node hands to a CommonJS module. */
function special(packer: PackContext, scope: Scope, name: string, value: unknown, { url }: Origin): Ref | undefined {
  const file = sourceFile(url);
  if (scope.type === 'Module') {
    const binding = importedAs(file, url, name, value);
    if (binding !== undefined) {
      if (typeof value === 'function' && isLibrary(binding.specifier, url)) return undefined;
      const isObject = (typeof value === 'object' && value !== null) || typeof value === 'function';
      // What a module of Node's says is true of where it is imported: `pid`, `isMainThread`, `threadId`.
      if (isObject || isBuiltin(binding.specifier))
        return packer.push(['import', url, binding.specifier, binding.name, binding.type]);
      if (!binding.constant) packer.stable = false;
      return undefined;
    }
  }
  const path = fileOf(url);
  if (name === 'require' && isRequire(value)) return packer.push(['require', url]);
  if (name === 'module' && value instanceof Module && path !== undefined) {
    const { exports } = value as unknown as { exports: unknown };
    if (!isMain(url)) return packer.push(['module', path, -1]);
    const ref = packer.push(['module', path, -1]);
    packer.replace(ref, ['module', path, packer.at('.exports', () => packer.add(exports))]);
    return ref;
  }
  if (name === '__vite_ssr_import_meta__' && path !== undefined) {
    return packer.push(['raw', { url, filename: path, dirname: dirname(path), main: false }]);
  }
  if (!/^__(?:file|dir)name$/.test(name) && file.mayAssign(name, value)) packer.stable = false;
  return undefined;
}
