/**
 * Source text with everything blanked that is not code, so that simple patterns may search it.
 *
 * How it works  One pass over the characters. Comments, strings, regular expressions and the fixed parts of templates become
 *               spaces; line breaks stay. Every position is the same as in the source.
 * Limits        Whether `/` divides or opens a regular expression is told from what stands before it, as most highlighters do;
 *               after `)` and `}` it is taken as a division. A wrong guess ends at the end of the line.
 * @module
 */

const WORD = /[\p{ID_Continue}$\u200c\u200d]/u;
const BEFORE_REGEX = new Set(
  'return typeof instanceof in of new delete void throw case do else yield await extends'.split(' '),
);

/** Blanks comments, strings, regular expressions and template text. */
export function maskSource(source: string): string {
  const out: string[] = [];
  const templates: number[] = []; // for each open `${`, the depth of braces inside it
  let kept = 0;
  let last = ''; // the last character of code
  let word = ''; // the last word, when `last` ends one

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
    else if (char === '/' && opensRegex(last, word)) end = regexEnd(source, at);
    else if (char === '`' || (char === '}' && templates.at(-1) === 0)) {
      if (char === '}') templates.pop();
      end = templateEnd(at + 1);
      blank(at + 1, end);
      at = end;
      last = source[end] === '{' ? '{' : ')';
      continue;
    }
    if (end > at) {
      blank(at + 1, end);
      at = end;
      last = ')';
      continue;
    }
    if (templates.length > 0) {
      const depth = templates.length - 1;
      if (char === '{') templates[depth] = (templates[depth] as number) + 1;
      else if (char === '}') templates[depth] = (templates[depth] as number) - 1;
    }
    if (char === ' ' || char === '\n' || char === '\t' || char === '\r') continue;
    word = WORD.test(char) ? (WORD.test(last) && WORD.test(source[at - 1] ?? '') ? word + char : char) : '';
    last = char;
  }
  out.push(source.slice(kept));
  return out.join('');
}

const opensRegex = (last: string, word: string): boolean =>
  word === '' ? !/[)\]}]/.test(last) : BEFORE_REGEX.has(word);

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
