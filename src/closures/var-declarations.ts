/**
 * Whether a `var` assigns. A `let` makes a new variable each time that it is run, a `var` gives a value to the one of its function; and
 * before it is run that variable is there already: undefined, or a parameter or function of the same name.
 * @module
 */
import {
  codeBefore,
  declaredBy,
  enclosing,
  endOfCode,
  isAfterHead,
  opening,
  placesOf,
  wordPattern,
} from './masked-code.ts';

/** Whether masked code declares a `var` of that name. */
export const isVar = (masked: string, name: string): boolean => varsOf(masked, name).length > 0;

/** Whether a `var` of that name may be given values more than once. */
export function varChanges(masked: string, name: string): boolean {
  const bodies = varsOf(masked, name).map((index) => bodyOf(masked, index, name));
  if (bodies.includes(undefined) || new Set(bodies).size < bodies.length) return true;
  const hoisted = new RegExp(`(?:^|[;{}\\n])\\s*(?:async\\s+)?function\\b[\\s*]*${wordPattern(name)}`);
  return bodies.length > 0 && hoisted.test(masked);
}

/** Where the `var` stands that declares a name, or a pattern around it, for each that does. */
function varsOf(masked: string, name: string): number[] {
  const found: number[] = [];
  for (const index of placesOf(masked, name)) {
    for (let at = index; at >= 0 && masked[at] !== '('; at = enclosing(masked, at)) {
      const words = declaredBy(masked, at);
      if (words?.startsWith('var') === true) found.push(endOfCode(masked, at) - words.trimEnd().length);
    }
  }
  return found;
}

/**
 * Where the body begins that a `var` is a statement of, if that is a function's without a parameter of this name: it is run once for each
 * variable. -1 for that of the file.
 */
function bodyOf(masked: string, index: number, name: string): number | undefined {
  const before = codeBefore(masked, index);
  if (/(?<![\w$.])(?:else|do)$|[^;{}\w$\])"'`]$/.test(before) || isAfterHead(masked, index)) return undefined;
  const open = opening(masked, index);
  if (open < 0) return open;
  const head = parametersBefore(masked, open);
  return head === undefined || new RegExp(wordPattern(name)).test(head) ? undefined : open;
}

/** The parameters of the function that a brace opens the body of. */
function parametersBefore(masked: string, brace: number): string | undefined {
  const before = codeBefore(masked, brace);
  const arrow = /([\w$]*)\s*=>$/.exec(before);
  if (arrow !== null && arrow[1] !== '') return arrow[1];
  const end = endOfCode(masked, brace) - (arrow?.[0].length ?? 0);
  if (masked[end - 1] !== ')') return undefined;
  const open = opening(masked, end - 1);
  if (isAfterHead(masked, end) || /(?<![\w$.])(?:switch|catch)$/.test(codeBefore(masked, open))) return undefined;
  return masked.slice(open, end);
}
