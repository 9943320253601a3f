/**
 * Which thread this is, and which others there are.
 * @module
 */
import { inspect } from 'node:util';
import { isMainThread, threadId } from 'node:worker_threads';
import { systemThread } from '../memory/system-thread.ts';
import { ownIdentity } from '../workers/identity.ts';
import { listed } from './roll.ts';

/** The main thread's number. */
const MAIN = 0;
const MAIN_NAME = 'MainThread';

/** A thread of this process, as it was when it was asked about. */
export class ThreadInfo {
  /** Number of the thread in this process: 0 is the main thread. Never given twice. **Python** `ident`. */
  readonly ident: number;
  /** Number of the thread in the system (Linux); undefined where it is not known. **Python** `native_id`. */
  readonly nativeId: number | undefined;
  readonly name: string;
  /** Whether the program ends without waiting for it. */
  readonly daemon: boolean;

  /** @internal */
  constructor(ident: number, nativeId: number, name: string, daemon: boolean) {
    this.ident = ident;
    this.nativeId = nativeId === 0 ? undefined : nativeId;
    this.name = name;
    this.daemon = daemon;
  }

  /** Whether it is the thread in which the program began. */
  get isMain(): boolean {
    return this.ident === MAIN;
  }

  /** Whether it still lives. */
  get alive(): boolean {
    return this.isMain || this.ident === threadId || enumerateThreads().some(({ ident }) => ident === this.ident);
  }

  [inspect.custom](): string {
    const { ident, nativeId, name, daemon } = this;
    const more = `${nativeId === undefined ? '' : `, ${nativeId} in the system`}${daemon ? ', daemon' : ''}`;
    return `ThreadInfo { ${name}: thread ${ident}${more} }`;
  }
}

/**
 * The thread that this code runs in.
 *
 * **Python** `threading.current_thread`, which gives the `Thread` itself; here that is an object of the thread that started it.
 *
 * @example
 * const worker = new Thread(() => currentThread().name, [], { name: 'counter' });
 * worker.start();
 * console.log(await worker.join()); // counter
 */
export function currentThread(): ThreadInfo {
  if (isMainThread) return mainThread();
  const own = ownIdentity();
  const entry = [...listed()].find(({ ident }) => ident === threadId); // it may have been renamed
  return new ThreadInfo(
    threadId,
    systemThread(),
    entry?.name ?? own?.name ?? `Thread-${threadId}`,
    own?.daemon ?? false,
  );
}

/** The thread in which the program, or the process, began. **Python** `threading.main_thread`. */
export const mainThread = (): ThreadInfo =>
  new ThreadInfo(MAIN, process.platform === 'linux' ? process.pid : 0, MAIN_NAME, false);

/**
 * The threads of this process that live: the main one, this one, and all that the library has started, by whichever thread, those of pools
 * included. In the order of their numbers.
 *
 * **Python** `threading.enumerate`.
 *
 * **Gotchas** Threads that others have made with `new Worker` are not known. At most 1,024 are listed.
 */
export function enumerateThreads(): ThreadInfo[] {
  const threads = new Map([[MAIN, mainThread()]]);
  if (!isMainThread) threads.set(threadId, currentThread());
  for (const { ident, nativeId, name, daemon } of listed())
    if (!threads.has(ident)) threads.set(ident, new ThreadInfo(ident, nativeId, name, daemon));
  return [...threads.values()].sort((one, other) => one.ident - other.ident);
}

/** How many threads live: as many as `enumerateThreads()` lists. **Python** `threading.active_count`. */
export const activeCount = (): number => enumerateThreads().length;
