/**
 * Source text with everything blanked that is not code, so that simple patterns may search it.
 *
 * How it works  One pass over the characters. Comments, strings, regular expressions and the fixed parts of templates become
 *               spaces; line breaks stay. Every position is the same as in the source.
 * Regex         Whether `/` divides or opens a regular expression is told from what stands before it: it divides after an operand.
 *               A `)` ends one, unless it closes the head of an `if`, `while`, `for` or `with`; a `}` ends a block, since nobody
 *               divides an object or a function.
 * @module
 */

const WORD = /[\p{ID_Continue}$\u200c\u200d]/u;
const BEFORE_REGEX = new Set(
  'return typeof instanceof in of new delete void throw case do else yield await extends'.split(' '),
);
const HEAD = /^(?:if|while|for|with)$/;

/** Blanks comments, strings, regular expressions and template text. */
export function maskSource(source: string): string {
  const out: string[] = [];
  const templates: number[] = []; // for each open `${`, the depth of braces inside it
  const heads: boolean[] = []; // for each open `(`, whether a statement follows its `)`
  let kept = 0;
  let operand = false; // whether an operand ends here, so that `/` divides
  let word = ''; // the word that ends here
  let wordBefore = ''; // the one before it, when nothing is between them
  let last = -1; // where the last character of code is

  const blank = (from: number, to: number): void => {
    out.push(source.slice(kept, from), source.slice(from, to).replace(/[^\n\r]/g, ' '));
    kept = to;
  };
  const templateEnd = (from: number): number => {
    for (let at = from; at < source.length; at += 1) {
      if (source[at] === '\\') at += 1;
      else if (source[at] === '`') return at;
      else if (source[at] === '$' && source[at + 1] === '{') {
        templates.push(0);
        return at + 1;
      }
    }
    return source.length;
  };

  for (let at = 0; at < source.length; at += 1) {
    const char = source[at] as string;
    let end = at;
    if (char === '/' && source[at + 1] === '/') end = lineEnd(source, at);
    else if (char === '/' && source[at + 1] === '*') end = commentEnd(source, at);
    if (end > at) {
      blank(at, end);
      at = end - 1;
      continue;
    }
    if (char === '"' || char === "'") end = stringEnd(source, at);
    else if (char === '/' && !operand) end = regexEnd(source, at);
    else if (char === '`' || (char === '}' && templates.at(-1) === 0)) {
      if (char === '}') templates.pop();
      end = templateEnd(at + 1);
      blank(at + 1, end);
      at = end;
      operand = source[end] !== '{';
      word = '';
      last = at;
      continue;
    }
    if (end > at) {
      blank(at + 1, end);
      at = end;
      operand = true;
      word = '';
      last = at;
      continue;
    }
    if (templates.length > 0) {
      const depth = templates.length - 1;
      if (char === '{') templates[depth] = (templates[depth] as number) + 1;
      else if (char === '}') templates[depth] = (templates[depth] as number) - 1;
    }
    if (char === ' ' || char === '\n' || char === '\t' || char === '\r') continue;
    const adjacent = last === at - 1;
    if (WORD.test(char)) {
      if (word !== '' && adjacent) word += char;
      else {
        wordBefore = word;
        word = source[last] === '.' && source[last - 1] !== '.' ? `.${char}` : char; // the name of a property is no keyword
      }
      operand = !BEFORE_REGEX.has(word);
    } else {
      if (char === '(') heads.push(HEAD.test(word) || (word === 'await' && wordBefore === 'for'));
      if (char === ')') operand = heads.pop() !== true;
      else if (char === '+' || char === '-') operand = adjacent && source[last] === char;
      else operand = char === ']' || (char === '!' && adjacent && operand); // `a!` of TypeScript
      word = '';
    }
    last = at;
  }
  out.push(source.slice(kept));
  return out.join('');
}

function lineEnd(source: string, at: number): number {
  const end = source.indexOf('\n', at);
  return end < 0 ? source.length : end;
}

function commentEnd(source: string, at: number): number {
  const end = source.indexOf('*/', at + 2);
  return end < 0 ? source.length : end + 2;
}

/** Index of the closing quote, or of the last character of the line. */
function stringEnd(source: string, at: number): number {
  const quote = source[at];
  for (let i = at + 1; i < source.length; i += 1) {
    const char = source[i];
    if (char === '\\') i += 1;
    else if (char === quote) return i;
    else if (char === '\n') return i - 1;
  }
  return source.length - 1;
}

function regexEnd(source: string, at: number): number {
  let inClass = false;
  for (let i = at + 1; i < source.length; i += 1) {
    const char = source[i];
    if (char === '\\') i += 1;
    else if (char === '\n') return at;
    else if (char === '[') inClass = true;
    else if (char === ']') inClass = false;
    else if (char === '/' && !inClass) return i;
  }
  return at;
}
