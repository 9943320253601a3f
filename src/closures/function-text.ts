/**
 * What can be told from a function's own text: its kind, the expression that makes it anew, and its words.
 *
 * `Function.prototype.toString` gives the exact source (stripped of types under type stripping). A function, arrow or class is
 * an expression once it is in parentheses; a method or accessor is not, and is put into an object literal and taken out again.
 * @module
 */
import { assignsTo } from './assignments.ts';
import { BoundedMap } from './bounded-map.ts';
import { maskSource } from './mask.ts';

const WORDS = /[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*/gu;
const RESERVED = new Set(
  (
    'break case catch class const continue debugger default delete do else enum export extends false finally for function ' +
    'if import in instanceof new null return super switch this throw true try typeof var void while with ' +
    'eval arguments undefined'
  ).split(' '),
);
const ARROW = /^(?:async\s+)?[\p{ID_Start}$_][\p{ID_Continue}$]*\s*=>/u;
const MAX_TEXTS = 2000;
const texts = new BoundedMap<string, FunctionText>(MAX_TEXTS);
const toString = Function.prototype.toString;

/** A function's text, taken apart. */
export class FunctionText {
  readonly text: string;
  readonly isClass: boolean;
  /** Written as a method or accessor of an object or class. */
  readonly isMethod: boolean;
  readonly isArrow: boolean;
  /** An expression that makes the function anew. */
  readonly expression: string;
  #masked: string | undefined;
  #words: readonly string[] | undefined;
  readonly #assigned = new Map<string, boolean>();

  constructor(text: string) {
    this.text = text;
    const { masked } = this;
    this.isClass = /^class\b(?!\s*\()/.test(masked);
    this.isArrow =
      ARROW.test(masked) || (/^(?:async\s*)?\(/.test(masked) && /^\s*=>/.test(masked.slice(parametersEnd(masked))));
    this.isMethod = !this.isClass && !this.isArrow && !/^(?:async\s+)?function\b/.test(masked);
    this.expression = this.isMethod ? methodExpression(text) : `(${text})`;
  }

  get masked(): string {
    this.#masked ??= maskSource(this.text);
    return this.#masked;
  }

  /** Every word that may name a variable. */
  get words(): readonly string[] {
    this.#words ??= [...new Set(this.text.match(WORDS))].filter((word) => !RESERVED.has(word));
    return this.#words;
  }

  /** Whether the function assigns to a variable of that name. */
  assigns(name: string): boolean {
    let answer = this.#assigned.get(name);
    if (answer === undefined) {
      answer = assignsTo(this.masked, name);
      this.#assigned.set(name, answer);
    }
    return answer;
  }

  /** Whether code in the text, as opposed to a string or comment, matches. */
  mentions(pattern: RegExp): boolean {
    return pattern.test(this.masked);
  }
}

/** The text of a function. */
export function textOf(fn: Function): FunctionText {
  const text = toString.call(fn);
  return texts.getOrMake(text, () => new FunctionText(text));
}

/** Whether a function has no source: native code, or bound, or a proxy. */
export const isNative = (fn: Function): boolean => toString.call(fn).endsWith('[native code] }');

const LONE_META = /(?<![\w$.#])import\s*\.\s*meta(?![\w$])/g;
/** As long as `import.meta`, so that columns stay. */
const META_NAME = '$importMeta';

/** Replaces `import.meta`, which only a module may contain, wherever it is code. */
export function replaceImportMeta(source: string, masked: string = maskSource(source)): string {
  if (!/\bimport\s*\.\s*meta\b/.test(source)) return source;
  let out = '';
  let kept = 0;
  for (const { 0: match, index } of masked.matchAll(LONE_META)) {
    out += source.slice(kept, index) + META_NAME;
    kept = index + match.length;
  }
  return out + source.slice(kept);
}

function methodExpression(text: string): string {
  const accessor = /^[gs]et\s+[^\s(]/.test(text);
  const pick = accessor ? '(d => d.get ?? d.set ?? d.value)(Object.getOwnPropertyDescriptor(o, k))' : 'o[k]';
  return `((o, k = Reflect.ownKeys(o)[0]) => ${pick})({${text}})`;
}

/** Index after the parenthesis that closes the list of parameters. */
function parametersEnd(masked: string): number {
  let depth = 0;
  for (let at = masked.indexOf('('); at < masked.length; at += 1) {
    const char = masked[at];
    if (char === '(' || char === '[' || char === '{') depth += 1;
    else if (char === ')' || char === ']' || char === '}') depth -= 1;
    if (depth === 0) return at + 1;
  }
  return masked.length;
}
