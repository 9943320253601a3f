/**
 * Whether code assigns to a variable: told from the text, and on the safe side.
 *
 * How it works  All places where the name stands are looked at in masked source. A place counts as an assignment when an
 *               assignment operator follows or an increment touches it, unless it is a declaration; so does a place inside a
 *               destructuring pattern, or at the head of a `for … of` loop. A text with a direct `eval` may assign to anything.
 * Limits        A parameter or a local variable of the same name counts too: the answer may be yes when it should be no.
 * @module
 */

const ASSIGNS = /^\s*(?:\+\+|--|(?:[-+*/%&|^]|\*\*|<<|>>>?|&&|\|\||\?\?)?=(?![=>]))/;
const DECLARES = /\b(?:const|let|var)\s+(?:[\w$]+\s*(?:=[^;,(){}[\]\n]*)?,\s*)*$/;
const LOOP_HEAD = /\bfor\s*(?:await\s*)?\(\s*$/;
const LOOK_BACK = 400;

/** Whether masked code may assign to `name` other than where it is declared. */
export function assignsTo(masked: string, name: string): boolean {
  if (/\beval\s*\(/.test(masked)) return true;
  const place = new RegExp(`(?<![\\w$#])${name.replace(/\$/g, '\\$')}(?![\\w$])`, 'g');
  for (const { index } of masked.matchAll(place)) {
    const before = masked.slice(Math.max(0, index - LOOK_BACK), index);
    if (/(?<!\.\.)\.\s*$/.test(before)) continue; // a property
    const after = masked.slice(index + name.length, index + name.length + 40);
    if (/(?:\+\+|--)\s*$/.test(before)) return true;
    if (ASSIGNS.test(after) && !DECLARES.test(before) && !isField(masked, index)) return true;
    if (LOOP_HEAD.test(before) && /^\s+(?:of|in)\b/.test(after)) return true;
    if (inPattern(masked, index)) return true;
  }
  return false;
}

/** Whether a name stands where a class declares a field of that name: `class A { lock = lock; }`. */
function isField(masked: string, index: number): boolean {
  const before = masked.slice(Math.max(0, index - LOOK_BACK), index);
  if (!/(?:[{};\n]|\b(?:static|accessor))\s*$/.test(before) || /[-=+*/%&|^<>?:,([!~.]\s*$/.test(before)) return false;
  let depth = 0;
  for (let at = index - 1; at >= 0 && at > index - 20_000; at -= 1) {
    const char = masked[at];
    if (char === ')' || char === ']' || char === '}') depth += 1;
    else if (char === '(' || char === '[' || char === '{') {
      if (depth === 0)
        return (
          char === '{' &&
          /\bclass(?:\s+[\w$]+)?(?:\s+extends\s[^{};]*)?\s*$/.test(masked.slice(Math.max(0, at - LOOK_BACK), at))
        );
      depth -= 1;
    }
  }
  return false;
}

/** Whether a place stands inside `[…] = or `{…} =`, or the head of a loop over such a pattern, that declares nothing. */
function inPattern(masked: string, index: number): boolean {
  let open = enclosing(masked, index);
  while (open >= 0 && masked[open] !== '(') {
    const close = closing(masked, open);
    if (close < 0) return false;
    const after = masked.slice(close + 1, close + 40);
    const before = masked.slice(Math.max(0, open - LOOK_BACK), open);
    const member =
      masked[open] === '[' && /[\w$)\]]\s*$/.test(before) && !/\b(?:of|in|return|const|let|var)\s*$/.test(before);
    const binds = DECLARES.test(before) || inParameters(masked, open) || inDeclaration(masked, open);
    if (!member && /^\s*=(?![=>])/.test(after) && !binds) return true;
    if (!member && LOOP_HEAD.test(before) && /^\s*(?:of|in)\b/.test(after)) return true;
    open = enclosing(masked, open);
  }
  return false;
}

/** Whether a pattern stands inside another that is declared. */
function inDeclaration(masked: string, pattern: number): boolean {
  for (let open = enclosing(masked, pattern); open >= 0 && masked[open] !== '('; open = enclosing(masked, open)) {
    if (DECLARES.test(masked.slice(Math.max(0, open - LOOK_BACK), open))) return true;
  }
  return false;
}

/** Whether a pattern stands in a list of parameters: what it binds is new. */
function inParameters(masked: string, pattern: number): boolean {
  const open = enclosing(masked, pattern);
  if (open < 0) return false;
  if (masked[open] !== '(') return inParameters(masked, open);
  const close = closing(masked, open);
  const before = masked.slice(Math.max(0, open - 10), open);
  return (
    close >= 0 &&
    /^\s*(?:=>|\{)/.test(masked.slice(close + 1, close + 40)) &&
    !/\b(?:if|for|while|switch)\s*$/.test(before)
  );
}

/** Index of the bracket that is open at `index`, or -1. A brace of a block ends the search: it has statements before. */
function enclosing(masked: string, index: number): number {
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

function closing(masked: string, open: number): number {
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
