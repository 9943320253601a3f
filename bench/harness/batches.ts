/**
 * Times something that takes well under a millisecond: so many in a batch, the median of the batches.
 * @module
 */
import type { Figures } from './measurement.ts';
import { median } from './statistics.ts';

/** Milliseconds of the same work before the clock starts. */
const WARM = 150;

/** What is timed, and what is done before each time without a clock. */
export interface Batch {
  readonly run: () => void | Promise<void>;
  readonly prepare?: () => void;
}

/** Microseconds for one of the `count` that a batch does; batches go on for `atLeast` milliseconds. */
export async function timeBatches(batch: Batch, count: number, atLeast: number): Promise<Figures> {
  await repeat(batch, count, WARM);
  const batches = await repeat(batch, count, atLeast);
  return { us: median(batches), batches: batches.length };
}

async function repeat({ run, prepare }: Batch, count: number, atLeast: number): Promise<number[]> {
  const figures: number[] = [];
  for (const end = performance.now() + atLeast; performance.now() < end || figures.length === 0; ) {
    prepare?.();
    const from = performance.now();
    const done = run();
    if (done !== undefined) await done;
    figures.push(((performance.now() - from) * 1000) / count);
  }
  return figures;
}
