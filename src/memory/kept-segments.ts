/**
 * Segments that were given away, kept so that they can be opened although the giver has dropped them.
 *
 * How it works  What travels says where a descriptor of the giver's is, and nobody says that it has arrived: a worker that returns an
 *               array has dropped it by the time the pool opens it, and what is put into a queue may lie there for long. So the
 *               last ones are kept: small ones until many others have followed, large ones for a while, which is shorter when
 *               they are much together. There is a timer as long as a large one is kept, and it keeps nobody alive.
 * @module
 */

/** A segment, as far as it matters here. */
interface Kept {
  readonly byteLength: number;
}

/** Segments of each size that are kept at most. */
const KEPT = 256;
/** Bytes of the largest that counts as small: one that is full of small objects. */
const SMALL = 64 * 1024;
/** Bytes of large ones, from which on they are kept for a short while. */
const MUCH = 2 ** 28;
/** Milliseconds for which large ones are kept. */
const WHILE = 60_000;
const SHORT_WHILE = 1000;

/** In the order in which they were last given. */
const small = new Set<Kept>();
const large = new Map<Kept, { readonly bytes: number; readonly since: number }>();
let largeBytes = 0;
let timer: NodeJS.Timeout | undefined;

/** Keeps a segment that is given away just now. */
export function keepGiven(segment: Kept): void {
  letGo(segment);
  if (segment.byteLength <= SMALL) {
    small.add(segment);
    if (small.size > KEPT) small.delete(small.values().next().value as Kept);
    return;
  }
  large.set(segment, { bytes: segment.byteLength, since: performance.now() });
  largeBytes += segment.byteLength;
  letOldGo();
}

/** Keeps it no more. */
export function letGo(segment: Kept): void {
  small.delete(segment);
  largeBytes -= large.get(segment)?.bytes ?? 0;
  large.delete(segment);
}

function letOldGo(): void {
  for (const [segment, { since }] of large) {
    const left = since + (largeBytes > MUCH ? SHORT_WHILE : WHILE) - performance.now();
    if (left > 0 && large.size <= KEPT) {
      timer ??= setTimeout(() => {
        timer = undefined;
        letOldGo();
      }, left).unref();
      return;
    }
    letGo(segment);
  }
}
