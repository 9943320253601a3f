/**
 * A number of bytes, for people.
 * @module
 */
const UNITS = ['KiB', 'MiB', 'GiB', 'TiB'] as const;

/** `12 bytes`, `3.4 KiB`, `270 MiB`. */
export function sizeText(bytes: number): string {
  if (bytes < 1024) return `${Math.round(bytes)} bytes`;
  const power = Math.min(UNITS.length, Math.floor(Math.log2(bytes) / 10));
  const value = bytes / 1024 ** power;
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${UNITS[power - 1] as string}`;
}
