/**
 * The encoder of `qoi.c`, in TypeScript.
 * @module
 */

/** Encodes RGBA pixels as QOI. */
export function encode(pixels: Uint8Array, width: number, height: number): Uint8Array {
  const out = new Uint8Array(14 + width * height * 5 + 8);
  let end = 0;
  const put = (...bytes: number[]): void => {
    for (const byte of bytes) out[end++] = byte;
  };
  put(0x71, 0x6f, 0x69, 0x66);
  for (const value of [width, height]) put(value >>> 24, value >>> 16, value >>> 8, value);
  put(4, 0);
  const words = new Uint32Array(pixels.buffer, pixels.byteOffset, width * height);
  const seen = new Uint32Array(64);
  let last = 0xff000000;
  let [r, g, b, a] = [0, 0, 0, 255];
  let run = 0;
  const endRun = (): void => {
    if (run > 0) out[end++] = 0xc0 | (run - 1);
    run = 0;
  };
  for (let at = 0; at < words.length; at++) {
    const word = words[at] as number;
    if (word === last) {
      if (++run === 62) endRun();
      continue;
    }
    endRun();
    const [R, G, B, A] = [word & 255, (word >>> 8) & 255, (word >>> 16) & 255, word >>> 24];
    const place = (R * 3 + G * 5 + B * 7 + A * 11) % 64;
    const dr = ((R - r) << 24) >> 24;
    const dg = ((G - g) << 24) >> 24;
    const db = ((B - b) << 24) >> 24;
    const drg = ((dr - dg) << 24) >> 24;
    const dbg = ((db - dg) << 24) >> 24;
    if (seen[place] === word) {
      out[end++] = place;
    } else if (a !== A) {
      put(0xff, R, G, B, A);
    } else if (dr >= -2 && dr <= 1 && dg >= -2 && dg <= 1 && db >= -2 && db <= 1) {
      out[end++] = 0x40 | ((dr + 2) << 4) | ((dg + 2) << 2) | (db + 2);
    } else if (dg >= -32 && dg <= 31 && drg >= -8 && drg <= 7 && dbg >= -8 && dbg <= 7) {
      out[end++] = 0x80 | (dg + 32);
      out[end++] = ((drg + 8) << 4) | (dbg + 8);
    } else {
      put(0xfe, R, G, B);
    }
    seen[place] = word;
    last = word;
    [r, g, b, a] = [R, G, B, A];
  }
  endRun();
  put(0, 0, 0, 0, 0, 0, 0, 1);
  return out.slice(0, end);
}
