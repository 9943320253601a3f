/**
 * Calls of a shared library, for workers to import.
 * @module
 */
import { createRequire } from 'node:module';

interface Library {
  func(declaration: string): (...args: unknown[]) => unknown;
}

function libc(): Library {
  const koffi = createRequire(import.meta.url)('koffi') as { load(name: string): Library };
  return koffi.load('libc.so.6');
}

/** Bytes of a text, as C counts them. */
export const lengthOf = (text: string): number => Number(libc().func('size_t strlen(const char *text)')(text));

/** Reads where nothing is. */
export const crash = (): unknown => libc().func('size_t strlen(size_t nowhere)')(16);
