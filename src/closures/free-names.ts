/**
 * The free variables of a function, without a parser.
 *
 * How it works  The text is compiled inside a function that takes every candidate name as a parameter. V8 keeps in a closure's
 *               scope just what inner code refers to, so asking which parameters are in that scope gives the exact answer,
 *               for whatever syntax this V8 knows. Nothing of the text is run.
 * @module
 */
import { compileFunction } from 'node:vm';
import { BoundedMap } from './bounded-map.ts';
import { type FunctionText, replaceImportMeta } from './function-text.ts';
import { look } from './inspector.ts';

/** With more words than this only names that some scope holds are candidates: a text this long is no small function. */
const MAX_CANDIDATES = 2000;
const MAX_TEXTS = 2000;
/** Names of variables in sloppy code only. (`await` is none in a module.) */
const RESERVED_IF_STRICT = new Set(
  'await implements interface let package private protected public static yield'.split(' '),
);
const cache = new BoundedMap<string, readonly string[]>(MAX_TEXTS);

/**
 * Names that a function takes from around it.
 *
 * @param known Whether some scope around the function holds a name.
 * @throws SyntaxError when the text does not stand alone
 */
export function freeNames(text: FunctionText, strict: boolean, known: (name: string) => boolean): readonly string[] {
  return namesTaken(text, strict, known).filter(known);
}

/**
 * Whether a function that captures no variable takes nothing from around it at all, not even a global one. False when that was
 * not found out.
 */
export function takesNothing(text: FunctionText, strict: boolean): boolean {
  if (text.words.length > MAX_CANDIDATES) return false;
  try {
    // V8 counts the `async` of an async arrow as a name, since it may turn out to be one.
    return namesTaken(text, strict, () => true).every((name) => name === 'async');
  } catch (error) {
    if (error instanceof SyntaxError) return false; // code that is sloppy only
    throw error;
  }
}

function namesTaken(text: FunctionText, strict: boolean, known: (name: string) => boolean): readonly string[] {
  const few = text.words.length <= MAX_CANDIDATES;
  const candidates = few ? text.words : text.words.filter(known);
  if (candidates.length === 0) return candidates;
  const key = `${strict ? 's' : 'l'}${few ? '' : candidates.join()}|${text.text}`;
  return cache.getOrMake(key, () => captured(text, strict, candidates));
}

function captured(text: FunctionText, strict: boolean, candidates: readonly string[]): readonly string[] {
  const body = `${strict ? '"use strict"; ' : ''}return () => ${replaceImportMeta(text.expression)}\n`;
  const wanted = new Set(strict ? candidates.filter((name) => !RESERVED_IF_STRICT.has(name)) : candidates);
  const probe = compileFunction(body, [...wanted])() as () => unknown;
  const scopes = look(probe).scopes.filter((scope) => scope.type.startsWith('Closure'));
  return scopes.flatMap((scope) => scope.names).filter((name) => wanted.has(name));
}
