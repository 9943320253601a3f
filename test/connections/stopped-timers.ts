/**
 * Timers whose time passes only when a test says so.
 *
 * Why  A mocked timer keeps its place in the line of its mock. One that outlives its test, and is cleared under the mock of a later one, takes
 *      whichever timer has that place out of the line there. So all that are left are run before the test is over.
 * @module
 */
import type { TestContext } from 'node:test';

/** Later than any timer. */
const ALL = 2 ** 31 - 1;

/** Stops `setTimeout` until the end of a test. Returns what lets so many milliseconds pass. */
export function stopTimers(t: TestContext): (milliseconds: number) => void {
  const { timers } = t.mock;
  timers.enable({ apis: ['setTimeout'] });
  t.after(() => {
    timers.tick(ALL);
    timers.reset();
  });
  return (milliseconds) => timers.tick(milliseconds);
}
