/**
 * Picture files converted to QOI: by TypeScript, by C that was compiled to WebAssembly, and by the same on all cores.
 *
 * `wasm()` compiles `native/qoi.wasm` once; each thread has an instance of its own, whose memory it reads the pictures into. The C source and its
 * build line are in `native/`. What the three have written is compared; how long each took is said on standard error.
 * @module
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Pool, wasm } from '../src/index.ts';
import { encode } from './native/qoi.ts';

/** What the C functions are called with: places in the instance's memory. */
interface Codec {
  readonly memory: { readonly buffer: ArrayBuffer };
  reserve(bytes: number): number;
  encode(pixels: number, width: number, height: number, out: number): number;
}

const SIZE = 768;
const PICTURES = 12;
const codec = wasm<Codec>(new URL('./native/qoi.wasm', import.meta.url));

/** A picture with smooth parts, plain parts and grain: RGBA. */
function paint(seed: number): Uint8Array {
  const pixels = new Uint8Array(SIZE * SIZE * 4);
  let noise = seed + 1;
  for (let at = 0; at < SIZE * SIZE; at++) {
    const [x, y] = [at % SIZE, Math.floor(at / SIZE)];
    noise = (Math.imul(noise, 1664525) + 1013904223) >>> 0;
    const plain = ((x >> 6) + (y >> 6)) % 3 === 0;
    const grain = plain ? 0 : noise >>> 29;
    pixels.set([(x >> 2) + grain, (y >> 2) + grain, plain ? 128 : ((x + y) >> 3) + seed, 255], at * 4);
  }
  return pixels;
}

/** Converts a file by TypeScript. */
function byScript(file: string): number {
  const result = encode(readFileSync(file), SIZE, SIZE);
  writeFileSync(`${file}.script`, result);
  return result.length;
}

/** Converts a file by WebAssembly. */
const byNative = (file: string): number => {
  const { reserve, encode: encodeNative, memory } = codec.exports;
  const pixels = readFileSync(file);
  const at = reserve(pixels.length + 14 + SIZE * SIZE * 5 + 8);
  new Uint8Array(memory.buffer).set(pixels, at);
  const length = encodeNative(at, SIZE, SIZE, at + pixels.length);
  writeFileSync(`${file}.native`, new Uint8Array(memory.buffer, at + pixels.length, length));
  return length;
};

async function timed<T>(what: string, run: () => T | Promise<T>): Promise<T> {
  const start = performance.now();
  const result = await run();
  console.error(`${what}: ${Math.round(performance.now() - start)} ms`);
  return result;
}

const folder = mkdtempSync(join(tmpdir(), 'pictures-'));
try {
  const files = Array.from({ length: PICTURES }, (_, seed) => join(folder, `${seed}.rgba`));
  for (const [seed, file] of files.entries()) writeFileSync(file, paint(seed));
  const alike = (): boolean =>
    files.every((file) => readFileSync(`${file}.script`).equals(readFileSync(`${file}.native`)));

  const sizes = await timed('TypeScript, one core', () => files.map(byScript));
  await timed('WebAssembly, one core', () => files.map(byNative));
  console.log(`WebAssembly has written the same as TypeScript: ${alike()}`);

  const pool = new Pool();
  await pool.map(byNative, files); // so that the workers are there when the time is taken
  await timed(`WebAssembly, ${pool.workers} threads`, () => pool.map(byNative, files));
  await pool.close();
  console.log(`So have all cores: ${alike()}`);

  const [before, after] = [PICTURES * SIZE * SIZE * 4, sizes.reduce((sum, size) => sum + size)];
  console.log(`${PICTURES} pictures, ${before} bytes, are ${Math.round((100 * after) / before)} % of that now.`);
} finally {
  rmSync(folder, { recursive: true });
}

// Output:
// WebAssembly has written the same as TypeScript: true
// So have all cores: true
// 12 pictures, 28311552 bytes, are 31 % of that now.
