/**
 * A figure of which a few noisy measurements are known.
 * @module
 */

/** A figure and how sure it is. */
export interface Estimate {
  /** The median of what was measured. */
  readonly value: number;
  /** It lies between these, as far as the measurements tell. */
  readonly low: number;
  readonly high: number;
}

/** Of so few measurements nothing can be said but that they may be off by a tenth, or more. */
const FEW = 3;
const UNSURE = 0.1;

/**
 * The median, and the spread of the middle half around it, widened as far as few measurements make it uncertain.
 *
 * The first half does not count, once there is another: what is measured gets warm.
 */
export function estimate(measured: readonly number[]): Estimate {
  if (measured.length === 0) return { value: Number.NaN, low: Number.NaN, high: Number.NaN };
  const sorted = measured.slice(-Math.ceil(measured.length / 2)).sort((a, b) => a - b);
  const value = quantile(sorted, 0.5);
  const spread = 1.57 * (quantile(sorted, 0.75) - quantile(sorted, 0.25));
  const half = sorted.length < FEW ? Math.max(spread, UNSURE * value) : spread / Math.sqrt(sorted.length);
  return { value, low: Math.max(0, value - half), high: value + half };
}

/** How many times as much, with the two intervals at their worst. */
export const ratio = (over: Estimate, under: Estimate): Estimate => ({
  value: over.value / under.value,
  low: over.low / under.high,
  high: over.high / under.low,
});

function quantile(sorted: readonly number[], share: number): number {
  const at = share * (sorted.length - 1);
  const below = Math.floor(at);
  const low = sorted[below] as number;
  return low + (at - below) * ((sorted[below + 1] ?? low) - low);
}
