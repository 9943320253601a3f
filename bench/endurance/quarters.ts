/**
 * What a figure was in the second quarter of a run, when everything had warmed up, and what it is in the last.
 * @module
 */

/** The middle values of the two quarters. */
export function quarters(figures: readonly number[]): { readonly before: number; readonly after: number } {
  const middle = (quarter: number): number => {
    const part = figures.slice((figures.length * (quarter - 1)) / 4, (figures.length * quarter) / 4);
    return part.sort((a, b) => a - b)[part.length >> 1] ?? 0;
  };
  return { before: middle(2), after: middle(4) };
}
