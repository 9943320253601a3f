/**
 * The work of the service, as a worker file as well.
 * @module
 */

/** How many primes there are from a number on, below another. */
export function countFrom(from: number, below: number): number {
  let count = 0;
  for (let n = Math.max(2, from); n < below; n++) {
    let divisor = 2;
    while (divisor * divisor <= n && n % divisor !== 0) divisor++;
    if (divisor * divisor > n) count++;
  }
  return count;
}

/** How many primes there are below a number. */
export function countPrimes(below: number): number {
  return countFrom(0, below);
}
