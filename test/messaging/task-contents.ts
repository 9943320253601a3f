/**
 * What the task with a given id carries, so that sender and receivers can both tell.
 * @module
 */

/** Number of the function of a task. */
export const functionOf = (id: number): number => (id * 31) & 0xffff;

/** Kind of a task. */
export const kindOf = (id: number): number => id & 0xf;

/** Scrambles an id, so that sizes follow no pattern. */
export function scramble(id: number): number {
  let x = Math.imul(id + 1, 0x9e3779b1);
  x ^= x >>> 15;
  x = Math.imul(x, 0x85ebca6b);
  return (x ^ (x >>> 13)) >>> 0;
}

/** Values of a task; `most` bounds the size of the larger ones, in bytes. 0: small ones only, which lie in their slot. */
export function valuesOf(id: number, most: number): readonly unknown[] {
  const random = scramble(id);
  if (most === 0) return [id, { half: id / 2, odd: id % 2 === 1 }];
  switch (random & 3) {
    case 0:
      return [id];
    case 1:
      return [id, String.fromCharCode(97 + (random % 26)).repeat((random >>> 4) % most)];
    case 2:
      return [id, new Uint8Array((random >>> 4) % most).fill(random)];
    default:
      return [id, { list: Array.from({ length: (random >>> 4) % (most >> 3) }, (_, index) => index ^ id), text: 'ü' }];
  }
}
