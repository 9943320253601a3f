/**
 * The other side of a round trip through a pipe: it blocks until there is a number, and sends it back.
 *
 * It stands alone (no imports but types), since it runs in a thread or process of its own.
 * @module
 */
import type { PipeConnection } from '../../src/index.ts';

/** Goes on until a number below 0 comes. */
export function echo(end: PipeConnection<number>): void {
  for (let value = end.recvSync(); value >= 0; value = end.recvSync()) end.sendSync(value);
}
