/**
 * Calling a function while something is held.
 * @module
 */
import { TimeoutError } from '../errors/executor-errors.ts';
import { endFlow, inFlow } from './flow.ts';
import type { Hold } from './hold.ts';
import type { WaitOptions } from './wait-options.ts';

interface Acquirable<O> {
  acquire(options: O | undefined): Promise<Hold | false>;
  acquireSync(options: O | undefined): Hold | false;
}

/**
 * Acquires, calls, releases, whatever the function does.
 *
 * @param name what could not be had, when it could not
 */
export function runHeld<R, O extends WaitOptions>(
  object: Acquirable<O>,
  fn: (hold: Hold) => R | PromiseLike<R>,
  options?: O,
  name: string = object.constructor.name,
): Promise<R> {
  return inFlow(async (flow) => {
    try {
      const hold = await object.acquire(options);
      if (hold === false) throw tooLate(name, options);
      flow.holds = true;
      try {
        return await fn(hold);
      } finally {
        hold[Symbol.dispose]();
      }
    } finally {
      endFlow(flow);
    }
  });
}

/** Acquires, calls, releases, whatever the function does. */
export function runHeldSync<R, O extends WaitOptions>(
  object: Acquirable<O>,
  fn: (hold: Hold) => R,
  options?: O,
  name: string = object.constructor.name,
): R {
  const hold = object.acquireSync(options);
  if (hold === false) throw tooLate(name, options);
  try {
    return fn(hold);
  } finally {
    hold[Symbol.dispose]();
  }
}

const tooLate = (name: string, options: WaitOptions | undefined): TimeoutError =>
  new TimeoutError(`This ${name} could not be had in ${options?.timeout} ms.`);
