/**
 * A value to a packet.
 *
 * How it works  Functions are looked up first: one that was packed before and cannot change has its packet, and so has any other
 *               function with the same text when that text takes nothing from around it. Plain data is one node. Everything else
 *               is a walk (`packer.ts`).
 * @module
 */
import { EncodeError } from '../errors/encode-error.ts';
import type { CodeBook } from './code-book.ts';
import { type FunctionText, textOf } from './function-text.ts';
import { takesNothing } from './free-names.ts';
import type { Destination } from './pack-context.ts';
import { Packer, type RootKind } from './packer.ts';
import type { Packed, Packet } from './packet.ts';
import { PlainWalk } from './plain-data.ts';

/** How to pack. */
export interface PackOptions {
  /** Whether the packet stays in this process, where memory can be shared and things moved. */
  readonly destination: Destination;
  /** The ledger of code of the workers that will get the packet. */
  readonly book: CodeBook;
  /** What the value is; names the start of the path in an error. */
  readonly root?: RootKind;
}

const toString = Function.prototype.toString;
/** With any of these, two functions of the same text may differ by where they stand. */
const PLACE_MATTERS = /\b(?:this|arguments|super|import|eval|new\s*\.\s*target)\b|#/;

/**
 * Packs a value: functions, classes, instances and data.
 *
 * Values and captured variables are read now. The answer is immediate unless a module has to confirm what it exports, which
 * happens once for each module.
 *
 * **Python** `pickle.dumps`; there a function is only its name.
 *
 * @throws EncodeError when something cannot travel; a promise rejects with it when only the module's answer tells
 */
export function pack(value: unknown, options: PackOptions): Packed | Promise<Packed> {
  const { destination, book, root = 'value' } = options;
  if (typeof value === 'function') {
    const known = book.functions[destination].get(value) ?? byText(value, book, destination);
    if (known !== undefined) return known;
  }
  const walk = new PlainWalk(destination === 'thread');
  if (guarded(() => walk.isPlain(value)))
    return { packet: { root: 0, nodes: [['raw', value]], units: [] }, stable: false };
  const packer = new Packer(destination, root, book, walk);
  const ref = guarded(() => packer.add(value));
  if (!packer.mustConfirm) return remember(value, packer.finish(ref), packer.stable, options);
  return packer.confirmAll().then(() => remember(value, packer.finish(ref), packer.stable, options));
}

/** Data may be nested deeper than the stack. */
function guarded<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof RangeError) || !/call stack/.test(error.message)) throw error;
    throw new EncodeError(
      'this value is nested too deeply to be walked; send it in a flatter form, for example as an array.',
      {
        code: 'ERR_TOO_DEEP',
        cause: error,
      },
    );
  }
}

function byText(fn: Function, book: CodeBook, destination: Destination): Packed | undefined {
  const texts = book.pureTexts[destination];
  if (texts.size === 0) return undefined;
  const packed = texts.get(toString.call(fn));
  return packed !== undefined && isUnadorned(fn) ? packed : undefined;
}

/** Whether a function has nothing but what its text gives it. */
function isUnadorned(fn: Function): boolean {
  for (const key of Reflect.ownKeys(fn)) {
    if (key === 'prototype') {
      if (Reflect.ownKeys(fn.prototype as object).length > 1) return false;
    } else if (key !== 'length' && key !== 'name' && key !== 'arguments' && key !== 'caller') return false;
  }
  return true;
}

function remember(value: unknown, packet: Packet, unchanging: boolean, { book, destination }: PackOptions): Packed {
  const packed: Packed = { packet, stable: typeof value === 'function' && unchanging };
  if (!packed.stable) return packed;
  const fn = value as Function;
  book.functions[destination].set(fn, packed);
  const [node, ...rest] = packet.nodes;
  if (node?.[0] !== 'function' || rest.length > 0 || node[4] !== undefined || !isUnadorned(fn)) return packed;
  const text = textOf(fn);
  if (sameAnywhere(text, fn.name) && takesNothing(text, true)) book.pureTexts[destination].set(text.text, packed);
  return packed;
}

function sameAnywhere(text: FunctionText, name: unknown): boolean {
  if (text.isMethod || text.mentions(PLACE_MATTERS)) return false;
  if (text.isArrow || typeof name !== 'string' || name === '') return true;
  return text.masked.split(name).length <= 2; // it does not speak of itself
}
