/**
 * How long a thread sleeps at a time.
 * @module
 */

/** Longest single park, milliseconds. One without end would keep `process.exit()` and `terminate()` from finishing. */
export const SLICE = 100;
