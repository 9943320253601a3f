/**
 * The ratio of two rows of one run.
 * @module
 */
import type { Row } from './row.ts';
import { median } from './statistics.ts';

/**
 * The median, over the rounds, of one row's main figure divided by the other's in the same round: what slows the machine for a
 * while slows both, and falls out. NaN when one has no figure.
 */
export function pairedRatio(above: Row | undefined, below: Row | undefined): number {
  if (above === undefined || below === undefined) return Number.NaN;
  const rounds = Math.min(above.values.length, below.values.length);
  const ratios = Array.from({ length: rounds }, (_, i) => (above.values[i] as number) / (below.values[i] as number));
  return median(ratios);
}
