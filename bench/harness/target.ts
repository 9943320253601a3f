/**
 * What a figure has to be, and whether it is.
 * @module
 */

/** One target and whether it was met. */
export interface Target {
  readonly name: string;
  /** As in `>= 20`. */
  readonly wanted: string;
  /** The figure found; null when it was not measured. */
  readonly found: number | null;
  readonly met: boolean | null;
}

/** A figure that has to be so much or more. */
export function atLeast(least: number, name: string, found = Number.NaN): Target {
  return judged(name, `>= ${least}`, found, found >= least);
}

/** A figure that has to be so much or less. */
export function atMost(most: number, name: string, found = Number.NaN): Target {
  return judged(name, `<= ${most}`, found, found <= most);
}

function judged(name: string, wanted: string, found: number, met: boolean): Target {
  if (Number.isNaN(found)) return { name, wanted, found: null, met: null };
  return { name, wanted, found: Number(found.toPrecision(4)), met };
}
