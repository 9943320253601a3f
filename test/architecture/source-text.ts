/**
 * Reads TypeScript as text: its comments, its lines of code and what it imports.
 *
 * How it works  TypeScript 7 has no API for JavaScript yet, so a small scanner walks the text and knows strings, templates,
 *               comments and regular expressions apart. Imports are then found by their few spellings in what is left.
 * @module
 */

/** The text with every comment blanked out; line ends stay, so that line numbers hold. */
export function withoutComments(source: string): string {
  return scan(source, () => true);
}

/** As `withoutComments`, and quoted strings are blanked as well unless they are one word, as a property's name is. */
export function withoutTexts(source: string): string {
  return scan(source, (quoted) => /^.[\w$]+.$/.test(quoted));
}

function scan(source: string, keeps: (quoted: string) => boolean): string {
  let result = '';
  let at = 0;
  // braces open at the start of each template substitution that we are in
  const substitutions: number[] = [];
  let depth = 0;
  const copyTo = (end: number): void => {
    result += source.slice(at, end);
    at = end;
  };
  const blankTo = (end: number): void => {
    result += source.slice(at, end).replace(/[^\n]/g, ' ');
    at = end;
  };
  const copyTemplate = (from: number): void => {
    let end = from;
    while (end < source.length && source[end] !== '`') {
      if (source[end] === '$' && source[end + 1] === '{') {
        substitutions.push(depth);
        depth += 1;
        copyTo(end + 2);
        return;
      }
      end += source[end] === '\\' ? 2 : 1;
    }
    copyTo(end + 1);
  };
  while (at < source.length) {
    const here = source[at];
    const next = source[at + 1];
    if (here === '/' && next === '/') {
      const end = source.indexOf('\n', at);
      blankTo(end === -1 ? source.length : end);
    } else if (here === '/' && next === '*') {
      const end = source.indexOf('*/', at + 2);
      blankTo(end === -1 ? source.length : end + 2);
    } else if (here === "'" || here === '"') {
      const end = endOfQuoted(source, at, here);
      if (keeps(source.slice(at, end))) copyTo(end);
      else blankTo(end);
    } else if (here === '`') {
      copyTemplate(at + 1);
    } else if (here === '/' && regExpMayStart(result)) {
      copyTo(endOfRegExp(source, at));
    } else {
      if (here === '{') depth += 1;
      if (here === '}') {
        depth -= 1;
        if (substitutions.at(-1) === depth) {
          substitutions.pop();
          copyTo(at + 1);
          copyTemplate(at);
          continue;
        }
      }
      copyTo(at + 1);
    }
  }
  return result;
}

function endOfQuoted(source: string, start: number, quote: string): number {
  let end = start + 1;
  while (end < source.length && source[end] !== quote && source[end] !== '\n') end += source[end] === '\\' ? 2 : 1;
  return end + 1;
}

function endOfRegExp(source: string, start: number): number {
  let end = start + 1;
  let inClass = false;
  while (end < source.length && source[end] !== '\n' && (inClass || source[end] !== '/')) {
    if (source[end] === '[') inClass = true;
    if (source[end] === ']') inClass = false;
    end += source[end] === '\\' ? 2 : 1;
  }
  return end + 1;
}

/** Whether a slash after this text starts a regular expression rather than divides. */
function regExpMayStart(before: string): boolean {
  const text = before.trimEnd();
  return (
    text === '' || /[(,=:[!&|?{};+\-*%~^<>]$/.test(text) || /\b(?:return|typeof|case|in|of|await|yield)$/.test(text)
  );
}

/** Number of lines that hold code: neither blank nor comment. */
export function codeLines(source: string): number {
  return withoutComments(source)
    .split('\n')
    .filter((line) => line.trim() !== '').length;
}

/** One module named by another. */
export interface Import {
  readonly specifier: string;
  readonly line: number;
}

const SPELLINGS = [
  // import … from 'x', export … from 'x', with or without `type`
  /\b(?:import|export)\b(?:[\w\s{},*$]|'[^'\n]*'\s+as\b)*?\bfrom\s*(['"])(?<specifier>[^'"\n]+)\1/g,
  // import 'x'
  /\bimport\s*(['"])(?<specifier>[^'"\n]+)\1/g,
  // import('x'), as an expression and as a type; require('x')
  /\b(?:import|require)\s*\(\s*(['"`])(?<specifier>[^'"`\n]+)\1/g,
  // new URL('./x', import.meta.url) and functions that take the same two
  /(['"`])(?<specifier>\.{1,2}\/[^'"`\n]*)\1\s*,\s*import\.meta\.(?:url|filename|dirname)\b/g,
];

/** Every module that a source names: static, dynamic, exported from, as a type, or by URL. */
export function importsOf(source: string): Import[] {
  const code = withoutComments(source);
  const found: Import[] = [];
  for (const spelling of SPELLINGS) {
    for (const match of code.matchAll(spelling)) {
      const specifier = match.groups?.['specifier'];
      if (specifier === undefined) continue;
      found.push({ specifier, line: code.slice(0, match.index).split('\n').length });
    }
  }
  return found.sort((a, b) => a.line - b.line);
}
