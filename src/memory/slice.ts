/**
 * How long a thread sleeps at a time.
 * @module
 */

/**
 * Longest single sleep in the kernel, milliseconds. One without end would keep `process.exit()` and `terminate()` from finishing, which end
 * `Atomics.wait`, and no call into the system.
 */
export const SLICE = 100;
