/**
 * What every pool must do, whatever its workers are.
 * @module
 */
import { describe } from 'node:test';
import type { PoolKind } from '../../src/index.ts';
import { poolCancelContract } from './pool-cancel.ts';
import { poolEndContract } from './pool-end.ts';
import { poolErrorsContract } from './pool-errors.ts';
import { poolFlowContract } from './pool-flow.ts';
import { poolMapContract } from './pool-map.ts';
import { poolOptionsContract } from './pool-options.ts';
import { poolValuesContract } from './pool-values.ts';

/** The whole contract, for one kind of worker. */
export function poolContract(kind: PoolKind): void {
  describe(`pool of kind ${kind}`, () => {
    poolOptionsContract(kind);
    poolValuesContract(kind);
    poolErrorsContract(kind);
    poolMapContract(kind);
    poolFlowContract(kind);
    poolCancelContract(kind);
    poolEndContract(kind);
  });
}
