/**
 * Descriptors of shared memory that this process has open.
 * @module
 */
import { readdirSync, readlinkSync } from 'node:fs';
import assert from 'node:assert/strict';
import { collectGarbage } from '../contract/collect-garbage.ts';

/** The files of shared memory that this process has open, once for each descriptor. */
export const openFiles = (): string[] =>
  readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      const file = readlinkSync(`/proc/self/fd/${fd}`);
      return /^\/(memfd:|dev\/shm\/)manyhands/u.test(file) ? [file] : [];
    } catch {
      return []; // it was the one that reads the folder
    }
  });

/** How many there are. */
export const countDescriptors = (): number => openFiles().length;

/** Waits until those of objects that nobody holds are closed. */
export async function untilAtMost(descriptors: number): Promise<void> {
  for (let round = 0; round < 100 && countDescriptors() > descriptors; round++) await collectGarbage();
  assert.ok(countDescriptors() <= descriptors, `${countDescriptors()} descriptors, ${descriptors} before`);
}
