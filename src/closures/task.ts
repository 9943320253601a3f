/**
 * Functions named by hand: for bundles, for programs without an inspector, and wherever a reference must be certain.
 *
 * How it works  A registry per thread, found through a registered symbol so that two copies of the library share it. A packet
 *               names the task and the file that registered it; a worker that does not know the name imports that file.
 * Gotcha        When that file is the main module, it is imported by the worker: what it does at the top level must be behind
 *               `if (import.meta.main)` or `if (isMainThread)`.
 * @module
 */
import { EncodeError } from '../errors/encode-error.ts';
import { loadModule } from './namespaces.ts';
import type { PacketNode } from './packet.ts';
import { callerUrl } from './scripts.ts';

interface Task {
  readonly url: string;
  readonly name: string;
}

const REGISTRY = Symbol.for('manyhands.tasks');
const holder = globalThis as { [REGISTRY]?: Map<string, Function> };
holder[REGISTRY] ??= new Map();
const registry: Map<string, Function> = holder[REGISTRY];
const tasks = new WeakMap<Function, Task>();

/**
 * Names a function, so that a worker finds it by that name instead of by looking into it.
 *
 * **Python** nothing like it: there a function is always found by module and name.
 *
 * **When to use** in a bundle, under `--permission`, or for a function that keeps state of its own in each worker. Call it at the
 * top level of a module.
 *
 * **Gotchas** the worker imports the file that calls `task`; it must not start work at its top level. Names are for the whole
 * program.
 *
 * @param name A name that no other task has.
 * @param fn The function; returned as it is.
 * @throws EncodeError `ERR_TASK` when the name is taken by another function, or `fn` is no function
 * @example
 * export const resize = task('resize', (path: string) => convert(path));
 */
export function task<F extends (...args: never[]) => unknown>(name: string, fn: F): F {
  if (typeof fn !== 'function' || typeof name !== 'string' || name === '') {
    throw new EncodeError('task(name, fn) takes a name that is not empty and a function.', { code: 'ERR_TASK' });
  }
  const other = registry.get(name);
  if (other !== undefined && other !== fn && String(other) !== String(fn)) {
    throw new EncodeError(`A task named '${name}' exists already and is another function; give each its own name.`, {
      code: 'ERR_TASK',
    });
  }
  registry.set(name, fn);
  tasks.set(fn, { url: callerUrl(1), name });
  return fn;
}

/** The node of a function that is a task. */
export function taskNode(fn: Function): PacketNode | undefined {
  const found = tasks.get(fn);
  return found === undefined ? undefined : ['task', found.url, found.name];
}

/** The task by that name, from the file that registers it. */
export async function findTask(url: string, name: string): Promise<Function> {
  if (!registry.has(name)) await loadModule(url, true);
  const found = registry.get(name);
  if (found !== undefined) return found;
  throw new EncodeError(
    `task '${name}' is not registered by ${url} as the worker sees it; call task() at its top level.`,
    {
      code: 'ERR_TASK',
    },
  );
}
