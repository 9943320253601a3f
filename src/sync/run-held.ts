/**
 * Calling a function while something is held.
 * @module
 */
import { TimeoutError } from '../errors/executor-errors.ts';
import { inFlow } from './flow.ts';
import type { Hold } from './hold.ts';
import type { WaitOptions } from './wait-options.ts';

interface Acquirable<O> {
  acquire(options: O | undefined): Promise<Hold | false>;
  acquireSync(options: O | undefined): Hold | false;
}

/** Acquires, calls, releases, whatever the function does. */
export function runHeld<R, O extends WaitOptions>(
  object: Acquirable<O>,
  fn: (hold: Hold) => R | PromiseLike<R>,
  options?: O,
): Promise<R> {
  return inFlow(async (flow) => {
    const hold = await object.acquire(options);
    if (hold === false) throw tooLate(object, options);
    flow.held += 1;
    try {
      return await fn(hold);
    } finally {
      flow.held -= 1;
      hold[Symbol.dispose]();
    }
  });
}

/** Acquires, calls, releases, whatever the function does. */
export function runHeldSync<R, O extends WaitOptions>(object: Acquirable<O>, fn: (hold: Hold) => R, options?: O): R {
  const hold = object.acquireSync(options);
  if (hold === false) throw tooLate(object, options);
  try {
    return fn(hold);
  } finally {
    hold[Symbol.dispose]();
  }
}

function tooLate(object: object, options: WaitOptions | undefined): TimeoutError {
  return new TimeoutError(`This ${object.constructor.name} could not be had in ${options?.timeout} ms.`);
}
