/**
 * How long a task that failed rests before it is tried again.
 *
 * How it works  The waits grow by a factor and are spread by chance, so that tasks that failed together do not come back together.
 * Source        M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
 * @module
 */

/** Waits between attempts. */
export interface Backoff {
  /** Milliseconds before the second attempt; 100 by default. */
  readonly initial: number;
  /** Each wait is so many times the one before; 2 by default. */
  readonly factor: number;
  /** Longest wait, milliseconds; 30,000 by default. */
  readonly max: number;
  /** Part of the wait that is left to chance, 0 to 1; 0.5 by default: between half of the wait and the whole. */
  readonly jitter: number;
}

/** Milliseconds to wait after so many attempts. */
export function waitAfter(attempts: number, { initial, factor, max, jitter }: Backoff): number {
  const whole = Math.min(max, initial * factor ** (attempts - 1));
  return whole * (1 - jitter * Math.random());
}
