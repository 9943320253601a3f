/**
 * The work of the demo: one file, compressed with brotli as hard as it can.
 *
 * A function like any other: it knows nothing of threads, processes or manyhands.
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import { brotliCompressSync, constants } from 'node:zlib';

/** A compressed file. */
export interface Compressed {
  readonly file: string;
  /** Length of the file in bytes. */
  readonly before: number;
  /** Length of `brotli` in bytes. */
  readonly after: number;
  /** The compressed file; base64 in JSON. */
  readonly brotli: Uint8Array;
}

/** Compresses one file, with brotli at its highest quality. */
export function compress(file: string): Compressed {
  const content = readFileSync(file);
  const brotli = brotliCompressSync(content, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
      [constants.BROTLI_PARAM_SIZE_HINT]: content.length,
    },
  });
  return { file, before: content.length, after: brotli.length, brotli };
}
