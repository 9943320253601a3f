/**
 * What shared objects promise, whatever their scope.
 * @module
 */
import type { ScopeOptions } from '../../src/index.ts';
import { sharedArrayContract } from './shared-array.ts';
import { shareableListContract } from './shareable-list.ts';
import { structValuesContract } from './shared-struct-values.ts';
import { sharedStructContract } from './shared-struct.ts';
import { structTravelContract } from './struct-travel.ts';
import { valueContract } from './value.ts';

/** The contract of shared state. */
export function sharedStateContract(scope: NonNullable<ScopeOptions['scope']>): void {
  sharedStructContract(scope);
  structValuesContract(scope);
  structTravelContract(scope);
  valueContract(scope);
  sharedArrayContract(scope);
  shareableListContract(scope);
}
