/**
 * Whether code assigns to a variable: told from the text, and on the safe side.
 *
 * How it works  All places where the name stands are looked at in masked source. A place counts as an assignment when an
 *               assignment operator follows or an increment touches it, unless it is a declaration; so does a place inside a
 *               destructuring pattern, or at the head of a `for … of` loop. A text with a direct `eval` may assign to anything.
 * Limits        A parameter or a local variable of the same name counts too: the answer may be yes when it should be no.
 * @module
 */
import { closing, codeBefore, continues, declaredBy, enclosing, follows, opening, placesOf } from './masked-code.ts';

/** `= 1`, `+= 1`, `++`; and `! = 1`, where TypeScript is told that it is not null. */
const ASSIGNS = /\s*(?:!?(?:\+\+|--|\s*(?:[-+*/%&|^]|\*\*|<<|>>>?|&&|\|\||\?\?)=)|(?:!\s+)?=(?![=>]))/y;
const EQUALS = /\s*=(?![=>])/y;
const LOOPS_OVER = /\s*\b(?:of|in)\b/y;
const LOOP_HEAD = /(?<![\w$.])for\s*(?:await\s*)?\($/;
/** From a name to the parenthesis around it, with what TypeScript is told of its type. */
const CLAIM = /\s*!?\s*(?:(?:as|satisfies)\s[^()=;]*)?\)/y;
const LOOK_BACK = 400;

/** Whether masked code may assign to `name` other than where it is declared. */
export function assignsTo(masked: string, name: string): boolean {
  return /\beval\s*\(/.test(masked) || placesOf(masked, name).some((index) => assignsAt(masked, index, name));
}

function assignsAt(masked: string, index: number, name: string): boolean {
  const [start, end] = withParentheses(masked, index, index + name.length);
  const before = codeBefore(masked, start);
  if (/(?:\+\+|--)$/.test(before)) return true;
  if (follows(ASSIGNS, masked, end) && declaredBy(masked, start) === undefined && !isField(masked, index)) return true;
  if (LOOP_HEAD.test(before) && follows(LOOPS_OVER, masked, end)) return true;
  return inPattern(masked, start);
}

/** A place with the parentheses around it: `(n) = 1` assigns. */
function withParentheses(masked: string, start: number, end: number): readonly [number, number] {
  if (!/\((?:<[^<>()]*>)?$/.test(codeBefore(masked, start)) || !follows(CLAIM, masked, end)) return [start, end];
  const open = masked.lastIndexOf('(', start);
  return continues(masked, open) ? [start, end] : withParentheses(masked, open, CLAIM.lastIndex);
}

/** Whether a name stands where a class declares a field of that name: `class A { lock = lock; }`. */
function isField(masked: string, index: number): boolean {
  const before = masked.slice(Math.max(0, index - LOOK_BACK), index);
  if (!/(?:[{};\n]|\b(?:static|accessor))\s*$/.test(before) || /[-=+*/%&|^<>?:,([!~.]\s*$/.test(before)) return false;
  const open = opening(masked, index);
  return masked[open] === '{' && /\bclass(?:\s+[\w$]+)?(?:\s+extends\s[^{};]*)?$/.test(codeBefore(masked, open));
}

/** Whether a place stands inside `[…] = or `{…} =`, or the head of a loop over such a pattern, that declares nothing. */
function inPattern(masked: string, index: number): boolean {
  let open = enclosing(masked, index);
  while (open >= 0 && masked[open] !== '(') {
    const close = closing(masked, open);
    if (close < 0) return false;
    const isMember = masked[open] === '[' && continues(masked, open);
    const binds = (): boolean =>
      declaredBy(masked, open) !== undefined || inParameters(masked, open) || inDeclaration(masked, open);
    if (!isMember && follows(EQUALS, masked, close + 1) && !binds()) return true;
    if (!isMember && LOOP_HEAD.test(codeBefore(masked, open)) && follows(LOOPS_OVER, masked, close + 1)) return true;
    open = enclosing(masked, open);
  }
  return false;
}

/** Whether a pattern stands inside another that is declared. */
function inDeclaration(masked: string, pattern: number): boolean {
  for (let open = enclosing(masked, pattern); open >= 0 && masked[open] !== '('; open = enclosing(masked, open)) {
    if (declaredBy(masked, open) !== undefined) return true;
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
