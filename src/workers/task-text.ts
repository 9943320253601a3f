/**
 * Tasks in words, for error messages.
 * @module
 */
import { inspect } from 'node:util';
import { ValueCodec } from '../messaging/value-codec.ts';

const MAX_CHARACTERS = 120;
const INSPECT = { depth: 1, maxArrayLength: 4, maxStringLength: 48, breakLength: Infinity, compact: true } as const;

/** Arguments in short: `1, 'abc', { a: 1 }`. */
export function argumentsInShort(values: readonly unknown[]): string {
  return shorten(values.map(inShort).join(', '));
}

/** The same from the first bytes of a compact payload; what lies beyond them is left out. */
export function payloadInShort(payload: Uint8Array, length: number): string {
  if (payload.length === 0) return '';
  const padded = new Uint8Array(payload.length + 16);
  padded.set(payload);
  const codec = new ValueCodec(padded);
  const values: string[] = [];
  let at = 1;
  for (let left = payload[0] as number; left > 0; left--) {
    let value: unknown;
    try {
      value = codec.read(at);
    } catch {
      break;
    }
    at = codec.position;
    if (at > payload.length && length > payload.length) break;
    values.push(inShort(value));
  }
  if (values.length < (payload[0] as number)) values.push('…');
  return shorten(values.join(', '));
}

const shorten = (text: string): string =>
  text.length <= MAX_CHARACTERS ? text : `${text.slice(0, MAX_CHARACTERS - 1)}…`;

function inShort(value: unknown): string {
  try {
    return inspect(value, INSPECT);
  } catch {
    return '[something that cannot be shown]'; // even its tag may be a getter that throws
  }
}
