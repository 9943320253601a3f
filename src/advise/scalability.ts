/**
 * How throughput grows with workers: the Universal Scalability Law, fitted.
 *
 * How it works  `X(n) = X1 n / (1 + s (n - 1) + k n (n - 1))`: `s` is the share of the work that only one can do at a time, `k` what workers
 *               cost each other pair by pair. Written as `n X1 / X(n) - 1 = s (n - 1) + k n (n - 1)` it is linear in both, so least squares
 *               find them, none below 0. The interval comes from fitting what was measured again and again, drawn anew.
 * Source        N. J. Gunther, "Guerrilla Capacity Planning" (2007), chapters 4 to 6.
 * @module
 */
import { estimate, type Estimate } from './estimate.ts';

/** Throughput measured with so many workers, several times. */
export interface ScalePoint {
  readonly workers: number;
  /** Tasks a second. */
  readonly rates: readonly number[];
}

/** The law, fitted. */
export interface Scalability {
  /** Tasks a second of one worker. */
  readonly single: number;
  /** Contention, from 0 to 1. */
  readonly contention: Estimate;
  /** Coherence: what workers cost each other. */
  readonly coherence: Estimate;
  /** Workers beyond which there is less to gain than a tenth of one, or something to lose; Infinity: none is in sight. */
  readonly knee: number;
}

/** Draws for the interval. */
const DRAWS = 200;
/** A worker more is to bring this share of a worker's throughput, at least. */
const WORTH_IT = 0.1;
/** The largest number of workers that is looked at. */
const MOST = 256;

/** Tasks a second with so many workers. */
export function throughput(
  law: { readonly single: number; readonly contention: number; readonly coherence: number },
  workers: number,
): number {
  const { single, contention, coherence } = law;
  return (single * workers) / (1 + contention * (workers - 1) + coherence * workers * (workers - 1));
}

/** Fits the law; undefined when one worker was not measured, or nothing else. */
export function fitScalability(
  points: readonly ScalePoint[],
  random: () => number = Math.random,
): Scalability | undefined {
  const alone = points.find(({ workers }) => workers === 1);
  const more = points.filter(({ workers, rates }) => workers > 1 && rates.length > 0);
  if (alone === undefined || alone.rates.length === 0 || more.length === 0) return undefined;
  const single = estimate(alone.rates).value;
  const best = fit(
    single,
    more.map(({ workers, rates }) => [workers, estimate(rates).value]),
  );
  const drawn = Array.from({ length: DRAWS }, () =>
    fit(
      estimate(redraw(alone.rates, random)).value,
      more.map(({ workers, rates }) => [workers, estimate(redraw(rates, random)).value]),
    ),
  );
  const around = (value: number, values: readonly number[]): Estimate => {
    const sorted = values.toSorted((a, b) => a - b);
    const at = (share: number): number => sorted[Math.floor(share * (sorted.length - 1))] as number;
    return { value, low: Math.min(value, at(0.05)), high: Math.max(value, at(0.95)) };
  };
  return {
    single,
    contention: around(
      best.contention,
      drawn.map(({ contention }) => contention),
    ),
    coherence: around(
      best.coherence,
      drawn.map(({ coherence }) => coherence),
    ),
    knee: kneeOf(best),
  };
}

function fit(
  single: number,
  points: readonly (readonly [workers: number, rate: number])[],
): { contention: number; coherence: number } {
  let xx = 0;
  let xz = 0;
  let zz = 0;
  let xy = 0;
  let zy = 0;
  for (const [n, rate] of points) {
    const x = n - 1;
    const z = n * (n - 1);
    const y = (n * single) / rate - 1;
    xx += x * x;
    xz += x * z;
    zz += z * z;
    xy += x * y;
    zy += z * y;
  }
  const determinant = xx * zz - xz * xz;
  if (determinant > 1e-9 * xx * zz) {
    const contention = (xy * zz - zy * xz) / determinant;
    const coherence = (zy * xx - xy * xz) / determinant;
    if (contention >= 0 && coherence >= 0) return { contention: Math.min(1, contention), coherence };
    if (contention < 0) return { contention: 0, coherence: Math.max(0, zy / zz) };
  }
  return { contention: Math.min(1, Math.max(0, xy / xx)), coherence: 0 };
}

function kneeOf(law: { readonly contention: number; readonly coherence: number }): number {
  let before = 1;
  for (let workers = 2; workers <= MOST; workers++) {
    const now = throughput({ single: 1, ...law }, workers);
    if (now - before < WORTH_IT) return workers - 1;
    before = now;
  }
  return Infinity;
}

function redraw(values: readonly number[], random: () => number): number[] {
  return values.map(() => values[Math.floor(random() * values.length)] as number);
}
