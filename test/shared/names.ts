/**
 * Names of shared memory for tests, and the files behind them.
 * @module
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = '/dev/shm';
let count = 0;

/** A name that no other test has, in this process or another. */
export const freshName = (label = 'test'): string => `${label}-${process.pid}-${(count += 1)}`;

/** Whether a file is behind a name that `freshName` has made, here or in a test that runs meanwhile. */
export const isOfATest = (file: string): boolean => /^manyhands-\d+-[a-z]+-\d+-\d+/u.test(file);

/** Where the library has the file of a name; `test/shared/damaged.test.ts` puts others there. */
export const fileOf = (name: string): string =>
  join(
    FOLDER,
    `manyhands-${process.getuid?.() ?? 0}-${encodeURIComponent(name.toWellFormed()).replaceAll('~', '%7E')}`,
  );

/** Whether there is something of that name. */
export const isThere = (name: string): boolean => existsSync(fileOf(name));
