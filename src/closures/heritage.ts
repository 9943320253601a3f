/**
 * What a class extends, when its text alone does not lead there.
 *
 * A class's `extends` clause is evaluated outside the class, so V8 keeps the names in it in no scope unless some function uses them
 * too. Where one is missing, the clause is replaced by a parameter, and the base class itself is sent.
 * @module
 */
import { freeNames } from './free-names.ts';
import { FunctionText } from './function-text.ts';

/** Stands for the base class in a text whose clause was replaced. */
export const BASE_PARAMETER = '$mhBase';

/**
 * A name in a computed key of a class (`[key]() {}`) that V8 shows in no scope, for the same reason; undefined when there is none.
 */
export function lostKeyName(text: FunctionText, known: (name: string) => boolean): string | undefined {
  const keys = [...text.masked.matchAll(COMPUTED_KEY)].map((match) => match[1] as string);
  if (keys.length === 0) return undefined;
  const names = freeNames(new FunctionText(`() => [${keys.join(', ')}]`), true, () => true);
  return names.find((name) => !known(name) && !(name in globalThis));
}

const COMPUTED_KEY =
  /[;{}]\s*(?:static\s+|async\s+|get\s+|set\s+|\*\s*)*\[\s*([\p{ID_Start}$_][\p{ID_Continue}$.\s]*)\]\s*[(=;]/gu;

interface Clause {
  readonly from: number;
  readonly to: number;
}

/** The class's text with the base class as a parameter, or undefined when every name in its `extends` clause is known. */
export function withBaseParameter(text: FunctionText, known: (name: string) => boolean): FunctionText | undefined {
  const clause = clauseOf(text.masked);
  if (clause === undefined) return undefined;
  const expression = text.text.slice(clause.from, clause.to);
  const names = freeNames(new FunctionText(`() => (${expression})`), true, () => true);
  if (names.every((name) => known(name) || name in globalThis)) return undefined;
  return new FunctionText(`${text.text.slice(0, clause.from)} ${BASE_PARAMETER} ${text.text.slice(clause.to)}`);
}

/** From after `extends` to the brace of the class's body. */
function clauseOf(masked: string): Clause | undefined {
  const head = /^class\b[^{(]*?\bextends\b/.exec(masked);
  if (head === null) return undefined;
  const from = head[0].length;
  if (/^\s*(?:class|function|async|\{)/.test(masked.slice(from))) return undefined;
  let depth = 0;
  for (let at = from; at < masked.length; at += 1) {
    const char = masked[at];
    if (char === '{' && depth === 0) return { from, to: at };
    if (char === '(' || char === '[' || char === '{') depth += 1;
    else if (char === ')' || char === ']' || char === '}') depth -= 1;
  }
  return undefined;
}
