/**
 * Texts of bounded length: four bytes that say how long, then UTF-8.
 * @module
 */
import { InvalidOptionError } from '../errors/executor-errors.ts';
import { InvalidValueError } from '../errors/sync-errors.ts';
import { asItIs, type Field, type Memory } from './field.ts';
import { refuse } from './number-field.ts';

const MOST = 0x3fff_ffff;
/** What a text has to be that is kept as UTF-8. */
export const WHOLE = 'is a text without halves of surrogate pairs, which UTF-8 does not have';

/** The field of a text. @throws InvalidOptionError */
export function textField(bytes: number): Field {
  if (!Number.isInteger(bytes) || bytes < 1 || bytes > MOST) {
    throw new InvalidOptionError(`string(bytes) takes a whole number of bytes, 1 or more; not ${String(bytes)}.`);
  }
  const read = (memory: Memory, at: number): string => bytesAt(memory, at, bytes).toString('utf8');
  return {
    bytes: 4 + bytes,
    align: 4,
    text: `string(${bytes})`,
    waits: false,
    isObject: false,
    get: read,
    check(value, name) {
      lengthOf(value, bytes, name);
      return value;
    },
    set(memory, at, value, name) {
      const length = lengthOf(value, bytes, name);
      memory.views.int32[at / 4] = length;
      Buffer.from(memory.views.buffer, at + 4, bytes).write(value as string);
    },
    prepare: asItIs,
    plain: read,
    copy(from, at, to, target) {
      const { length } = bytesAt(from, at, bytes);
      to.views.uint8.set(from.views.uint8.subarray(at + 4, at + 4 + length), target + 4);
      to.views.int32[target / 4] = length;
    },
  };
}

/** Bytes of a text. @throws InvalidValueError */
function lengthOf(value: unknown, most: number, name: string): number {
  if (typeof value !== 'string') refuse(name, 'is a text', value);
  if (!value.isWellFormed()) refuse(name, WHOLE, value);
  const length = Buffer.byteLength(value);
  if (length <= most) return length;
  throw new InvalidValueError(`${name} holds texts of at most ${most} bytes; this one has ${length}.`);
}

/** What is there now. Somebody may be writing: the length is never believed beyond the field. */
function bytesAt({ views }: Memory, at: number, most: number): Buffer {
  const length = Math.min(Math.max(views.int32[at / 4] as number, 0), most);
  return Buffer.from(views.buffer, at + 4, length);
}
