/**
 * One access to shared memory again and again, with nobody in the way.
 *
 * Each runs in a process of its own, which never sees another kind of access.
 * @module
 */
import { timeBatches } from '../harness/batches.ts';
import { manyhands } from '../harness/manyhands.ts';
import type { Figures, TeamKind } from '../harness/measurement.ts';
import type { FieldStep } from './measurement.ts';

const { int32, Lock, SharedArray, ShareableList, sharedStruct, Value } = manyhands;

const COUNT = 50_000;
const ITEMS = 16;

class Account extends sharedStruct({ balance: int32, lock: Lock }) {}

/** What was read, so that nothing is left out. */
export const seen = { sum: 0 };

/** Microseconds an access. */
export function measureField(step: FieldStep, scope: TeamKind, atLeast: number): Promise<Figures> {
  return timeBatches({ run: batchOf[step](scope) }, COUNT, atLeast);
}

const numbers = (): number[] => Array.from({ length: ITEMS }, (_, i) => i);

const batchOf: Readonly<Record<FieldStep, (scope: TeamKind) => () => void>> = {
  'struct read'(scope) {
    const account = new Account({ scope });
    return () => {
      for (let i = 0; i < COUNT; i++) seen.sum += account.balance;
    };
  },
  'struct write'(scope) {
    const account = new Account({ scope });
    return () => {
      for (let i = 0; i < COUNT; i++) account.balance = i;
    };
  },
  'struct add'(scope) {
    const account = new Account({ scope });
    return () => {
      for (let i = 0; i < COUNT; i++) {
        const hold = account.lock.acquireSync();
        account.balance += 1;
        hold.release();
      }
      account.balance = 0;
    };
  },
  'Value read'(scope) {
    const value = new Value(int32, 1, { scope });
    return () => {
      for (let i = 0; i < COUNT; i++) seen.sum += value.value;
    };
  },
  'Value write'(scope) {
    const value = new Value(int32, 1, { scope });
    return () => {
      for (let i = 0; i < COUNT; i++) value.value = i;
    };
  },
  'Value add'(scope) {
    const value = new Value(int32, 1, { scope });
    return () => {
      for (let i = 0; i < COUNT; i++) value.add(1);
      value.value = 0;
    };
  },
  'SharedArray read'(scope) {
    const array = new SharedArray(int32, numbers(), { scope });
    return () => {
      for (let i = 0; i < COUNT; i++) seen.sum += array[i % ITEMS] as number;
    };
  },
  'SharedArray write'(scope) {
    const array = new SharedArray(int32, numbers(), { scope });
    return () => {
      for (let i = 0; i < COUNT; i++) array[i % ITEMS] = i;
    };
  },
  'ShareableList read'(scope) {
    const list = new ShareableList(numbers(), { scope });
    return () => {
      for (let i = 0; i < COUNT; i++) seen.sum += list.at(i % ITEMS) as number;
    };
  },
  'ShareableList write'(scope) {
    const list = new ShareableList(numbers(), { scope });
    return () => {
      for (let i = 0; i < COUNT; i++) list.set(i % ITEMS, i);
    };
  },
};
