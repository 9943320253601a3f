/**
 * What the library itself does when this thread, or the program, ends: all of it in one listener.
 *
 * How it works  The listener goes behind all others whenever a part is added. So a part that may only come when nobody else is to be called
 *               any more can see that, and the end of a thread in which nobody listens can be told before Node has taken it down.
 * @module
 */

type Part = () => void;

const parts = new Set<Part>();
const lastParts = new Set<Part>();

/** Has something done at the end, once however often it is asked for; `last`: after all that is not. */
export function onExit(part: Part, last = false): void {
  (last ? lastParts : parts).add(part);
  process.off('exit', runParts).on('exit', runParts);
}

/** Whether nobody is called after the library. */
export const exitsLast = (): boolean => process.listeners('exit').at(-1) === runParts;

/** Whether nobody but the library is called, and Node, which passes on what a thread has printed. */
export const exitsAlone = (): boolean =>
  process.listeners('exit').every((listener) => listener === runParts || listener.name === 'flushSync');

function runParts(): void {
  for (const part of [...parts, ...lastParts]) part();
}
