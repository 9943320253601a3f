/**
 * What is to be done when a program, process or thread ends.
 *
 * How it works  A thread of a pool, a `Thread` and a `Process` are told to end by their owner: the hooks run then, before its own children
 *               are waited for. Whoever is nobody's worker ends when its event loop runs empty (`beforeExit`); so from the first hook on
 *               the threads and processes that it has started do not keep that loop alive until the hooks have begun. An end that does
 *               not wait, by `process.exit()` or an uncaught error, runs those hooks that have not begun, up to their first `await`.
 * Invariants    Each hook is begun at most once.
 * When it dies  Nobody who is killed runs hooks.
 * @module
 */
import { InvalidOptionError, InvalidStateError } from '../errors/executor-errors.ts';
import { tellUncaught } from '../errors/uncaught.ts';
import { onExit } from '../memory/exit-parts.ts';
import { beforeChildren, waitForChildren } from './children.ts';

interface Hook {
  readonly run: () => unknown;
}

const hooks: Hook[] = [];
let state: 'unused' | 'waiting' | 'begun' = 'unused';

/**
 * Has a function called when this program ends, or the process or thread that it is called in: the last one first, each after the one before it
 * has settled, and before the threads and processes that are no daemons are waited for; so a hook can tell them to come to an end. Returns what
 * takes it back.
 *
 * An error of one is told as `onUncaught()` says, and the next ones are called.
 *
 * **Python** `atexit.register`, `atexit.unregister`; in a thread, and before threads are joined, `threading._register_atexit`.
 *
 * **Gotchas** A program comes to its end when nothing is under way in its main thread: a `join()` is, and a pool with tasks. After `process.exit()` or
 * an uncaught error nothing can be awaited: each hook gets as far as its first `await`. Whoever is killed, or ended by a signal, runs none.
 *
 * @throws InvalidStateError `ERR_INVALID_STATE` once the hooks are being called
 * @throws InvalidOptionError `ERR_INVALID_OPTION` for what is no function
 * @example
 * const stop = new Event();
 * new Thread(() => watch(stop)).start(); // runs until it is told to stop
 * atExit(() => stop.set());
 */
export function atExit(hook: () => unknown): () => void {
  if (typeof hook !== 'function') throw new InvalidOptionError(`atExit() takes a function, not ${typeof hook}.`);
  if (state === 'begun' || (process as { readonly _exiting?: boolean })._exiting === true)
    throw new InvalidStateError('The program, or this thread of it, is ending: it is too late for another exit hook.');
  if (state === 'unused') {
    state = 'waiting';
    process.once('beforeExit', () => void runHooks());
    onExit(runRest);
    beforeChildren(runHooks);
  }
  const entry: Hook = { run: hook };
  hooks.push(entry);
  return () => {
    const index = hooks.indexOf(entry);
    if (index >= 0) hooks.splice(index, 1);
  };
}

async function runHooks(): Promise<void> {
  state = 'begun';
  waitForChildren();
  for (let hook = hooks.pop(); hook !== undefined; hook = hooks.pop()) {
    try {
      await hook.run();
    } catch (error) {
      told(hook, error);
    }
  }
}

/** Nothing that takes time will be done any more. */
function runRest(): void {
  state = 'begun';
  for (let hook = hooks.pop(); hook !== undefined; hook = hooks.pop()) {
    try {
      void hook.run();
    } catch (error) {
      told(hook, error);
    }
  }
}

function told({ run }: Hook, error: unknown): void {
  const name = `exit hook ${run.name}`.trimEnd();
  tellUncaught({ error, name, kind: 'callback', worker: name });
}
