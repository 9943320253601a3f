/**
 * Descriptors of shared memory that this process has open.
 * @module
 */
import { readdirSync, readlinkSync } from 'node:fs';
import assert from 'node:assert/strict';
import { collectGarbage } from '../contract/collect-garbage.ts';

/** How many there are. */
export function countDescriptors(): number {
  let count = 0;
  for (const fd of readdirSync('/proc/self/fd')) {
    try {
      if (/^\/(memfd:|dev\/shm\/)manyhands/u.test(readlinkSync(`/proc/self/fd/${fd}`))) count += 1;
    } catch {
      // it was the one that reads the folder
    }
  }
  return count;
}

/** Waits until those of objects that nobody holds are closed. */
export async function untilAtMost(descriptors: number): Promise<void> {
  for (let round = 0; round < 100 && countDescriptors() > descriptors; round++) await collectGarbage();
  assert.ok(countDescriptors() <= descriptors, `${countDescriptors()} descriptors, ${descriptors} before`);
}
