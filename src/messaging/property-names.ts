/**
 * Property names read from bytes, each as one string a thread, so that the objects that are read share their shapes.
 *
 * How it works  A table by hash. A name whose bytes are those of the string in its place is that string; any other takes the
 *               place over. Its size bounds it: names that collide cost time, not memory.
 * @module
 */

const PLACES = 1024;
/** Names met so far in this thread, by hash. */
const met: (string | undefined)[] = new Array<string | undefined>(PLACES).fill(undefined);

/** The name in `length` bytes of ASCII from `from` on. */
export function internName(bytes: Uint8Array, from: number, length: number): string {
  let hash = length;
  for (let i = 0; i < length; i++) hash = (Math.imul(hash, 31) + (bytes[from + i] as number)) | 0;
  const place = (hash ^ (hash >>> 15)) & (PLACES - 1);
  const known = met[place];
  if (known !== undefined && known.length === length) {
    let i = 0;
    while (i < length && known.charCodeAt(i) === bytes[from + i]) i++;
    if (i === length) return known;
  }
  let name = '';
  for (let i = 0; i < length; i++) name += String.fromCharCode(bytes[from + i] as number);
  // A string used as a property name is internalised by V8; keep that one, not the one just built.
  const internalised = Object.keys({ [name]: 0 })[0] as string;
  met[place] = internalised;
  return internalised;
}
