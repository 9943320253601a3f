/**
 * What every pool must do, whatever its workers are.
 * @module
 */
import { describe } from 'node:test';
import type { PoolKind } from '../../src/index.ts';
import { poolErrorsContract } from './pool-errors.ts';
import { poolMapContract } from './pool-map.ts';
import { poolValuesContract } from './pool-values.ts';

/** The whole contract, for one kind of worker. */
export function poolContract(kind: PoolKind): void {
  describe(`pool of kind ${kind}`, () => {
    poolValuesContract(kind);
    poolErrorsContract(kind);
    poolMapContract(kind);
  });
}
