/**
 * Looking around in masked source: where a name stands, what stands before a place, and which brackets are around it.
 * @module
 */

const LOOK_BACK = 400;
const HEAD = /(?<![\w$.])(?:if|while|for(?:\s+await)?|with)$/;
/** Words that an expression follows. */
const BEFORE_EXPRESSION =
  /(?<![\w$.])(?:await|break|case|const|continue|debugger|default|delete|do|else|in|instanceof|let|new|of|return|throw|typeof|var|void|yield)$/;

/** A pattern for a name as a word of its own. */
export const wordPattern = (name: string): string => `(?<![\\w$#])${name.replace(/\$/g, '\\$')}(?![\\w$])`;

/** Indexes of a name where it is not that of a property. */
export function placesOf(masked: string, name: string): number[] {
  const places = Array.from(masked.matchAll(new RegExp(wordPattern(name), 'g')), ({ index }) => index);
  return places.filter((index) => !/(?<!\.\.)\.$/.test(codeBefore(masked, index)));
}

/** Where the code before a place ends: what is between them is space, or was a comment. */
export function endOfCode(masked: string, index: number): number {
  let end = index;
  while (end > 0 && /\s/.test(masked[end - 1] as string)) end -= 1;
  return end;
}

/** The last code before a place. */
export function codeBefore(masked: string, index: number): string {
  const end = endOfCode(masked, index);
  return masked.slice(Math.max(0, end - LOOK_BACK), end);
}

/** Whether a sticky pattern matches at a place. */
export function follows(sticky: RegExp, masked: string, index: number): boolean {
  sticky.lastIndex = index;
  return sticky.test(masked);
}

/** Whether a `[` or `(` belongs to what stands before it: a member, a call, parameters. If not, an expression begins. */
export function continues(masked: string, open: number): boolean {
  const before = codeBefore(masked, open);
  if (BEFORE_EXPRESSION.test(before)) return false;
  return before.endsWith(')') ? !isAfterHead(masked, open) : /[\w$\]]$/.test(before);
}

/** Whether the `)` of `if (…)` or of a loop stands before a place, so that a statement begins there. */
export function isAfterHead(masked: string, index: number): boolean {
  const end = endOfCode(masked, index);
  return masked[end - 1] === ')' && HEAD.test(codeBefore(masked, opening(masked, end - 1)));
}

/** Index of the bracket that is open at a place, or -1. */
export function opening(masked: string, index: number): number {
  let depth = 0;
  for (let at = index - 1; at >= 0; at -= 1) {
    const char = masked[at];
    if (char === ')' || char === ']' || char === '}') depth += 1;
    else if (char === '(' || char === '[' || char === '{') {
      if (depth === 0) return at;
      depth -= 1;
    }
  }
  return -1;
}

/** The same, near by and within one statement. A brace of a block ends the search: it has statements before. */
export function enclosing(masked: string, index: number): number {
  let depth = 0;
  for (let at = index - 1; at >= 0 && at > index - 5000; at -= 1) {
    const char = masked[at];
    if (char === ')' || char === ']' || char === '}') depth += 1;
    else if (char === '(' || char === '[' || char === '{') {
      if (depth === 0) return at;
      depth -= 1;
    } else if (char === ';' && depth === 0) return -1;
  }
  return -1;
}

/** Index of the bracket that closes the one at `open`, or -1. */
export function closing(masked: string, open: number): number {
  let depth = 0;
  for (let at = open; at < masked.length && at < open + 20_000; at += 1) {
    const char = masked[at];
    if (char === '(' || char === '[' || char === '{') depth += 1;
    else if (char === ')' || char === ']' || char === '}') {
      depth -= 1;
      if (depth === 0) return at;
    }
  }
  return -1;
}

/** The words that declare what stands at a place, from `let` on, if any do. */
export const declaredBy = (masked: string, index: number): string | undefined =>
  DECLARES.exec(codeBefore(masked, index))?.[0];

const DECLARES = /(?<![\w$.])(?:const|let|var)(?:\s+(?:[\w$]+\s*(?:=[^;,(){}[\]\n]*)?,\s*)*)?$/;
