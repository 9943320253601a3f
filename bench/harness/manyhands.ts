/**
 * The library as its users have it: from dist/, which `run-bench.ts` builds.
 * @module
 */
import type * as Manyhands from '../../src/index.ts';

const built = '../../dist/index.js';

export const manyhands = (await import(built)) as typeof Manyhands;
