/**
 * Names of shared memory for tests, and the files behind them.
 * @module
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = '/dev/shm';
let count = 0;

/** A name that no other test has, in this process or another. */
export const freshName = (label = 'test'): string => `${label}-${process.pid}-${(count += 1)}`;

/** Milliseconds after which a file that nobody uses counts as left behind; before that somebody may be making it, or removing it. */
const PATIENCE = 60_000;

/** Whether a file is behind a name that `freshName` or the library itself has made, here or in a test that runs meanwhile. */
const isOfATest = (file: string): boolean => /^manyhands-\d+-(?:[A-Za-z]+-\d+-\d+|mh_)/u.test(file);

/** What other processes have locked, as those do who use shared memory by a name: device and inode of each file. */
const lockedByOthers = (): Set<string | undefined> =>
  new Set(
    [...readFileSync('/proc/locks', 'utf8').matchAll(/ FLOCK .* (\d+) (\S+) 0 EOF$/gmu)].flatMap(([, pid, file]) =>
      Number(pid) === process.pid ? [] : [file],
    ),
  );

/** A file as `/proc/locks` names it; undefined when it is gone. */
function idOf(file: string): string | undefined {
  const stat = statSync(join(FOLDER, file), { throwIfNoEntry: false });
  if (stat === undefined) return undefined;
  const [major, minor] = [(stat.dev >>> 8) & 0xfff, (stat.dev & 0xff) | ((stat.dev >>> 12) & 0xfff00)];
  return `${[major, minor].map((part) => part.toString(16).padStart(2, '0')).join(':')}:${stat.ino}`;
}

/** All files of shared memory. */
export const filesThere = (): string[] => readdirSync(FOLDER);

/** Files that were not there before, are of no test, and are used by nobody but this process, if by anybody. Resolves once there are none. */
export async function leftBehind(before: readonly string[]): Promise<string[]> {
  for (const end = performance.now() + PATIENCE; ; ) {
    const more = filesThere().filter((file) => !before.includes(file) && !isOfATest(file));
    const locked = lockedByOthers();
    const left = more.filter((file) => {
      const id = idOf(file);
      return id !== undefined && !locked.has(id);
    });
    if (left.length === 0 || performance.now() > end) return left;
    await new Promise((resolve) => setTimeout(resolve, 20)); // nobody is told
  }
}

/** Where the library has the file of a name; `test/shared/damaged.test.ts` puts others there. */
export const fileOf = (name: string): string =>
  join(
    FOLDER,
    `manyhands-${process.getuid?.() ?? 0}-${encodeURIComponent(name.toWellFormed()).replaceAll('~', '%7E')}`,
  );

/** Whether there is something of that name. */
export const isThere = (name: string): boolean => existsSync(fileOf(name));
