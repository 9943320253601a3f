/**
 * One who does the steps of a scenario with real objects: in this thread, or in a worker.
 * @module
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { Hold } from '../../../src/index.ts';
import { coded, type Outcome, outcomeOf, outcomeOfError } from './outcome.ts';
import type { Step } from './step.ts';

interface Run {
  readonly inside: <R>(fn: () => R) => R;
  readonly finish: () => void;
}

interface Deed<T extends object> {
  do(agent: Agent<T>, step: Step): unknown;
}

/** Does steps, and reports what they come to. */
export class Agent<T extends object> {
  object!: T;
  readonly #deeds: Readonly<Record<string, Deed<T>>>;
  readonly #report: (id: number, outcome: Outcome) => void;
  readonly #holds = new Map<number, Hold>();
  readonly #aborters = new Map<number, AbortController>();
  readonly #runs = new Map<number, Run>();
  /** Actions of a barrier that go on, the first one first. */
  readonly actions: PromiseWithResolvers<void>[] = [];
  /** Whether it is in a wait that blocks. */
  blocking = false;
  /** What predicates look at. */
  level = 0;

  constructor(deeds: Readonly<Record<string, Deed<T>>>, report: (id: number, outcome: Outcome) => void) {
    this.#deeds = deeds;
    this.#report = report;
  }

  perform(step: Step): void {
    const call = (): unknown => this.#deeds[step.verb]?.do(this, step);
    try {
      const run = this.#runs.get(step.within);
      const result = run === undefined ? call() : run.inside(call);
      if (result instanceof Promise) result.then(this.#answer(step.id), this.#failure(step.id));
      else this.#answer(step.id)(result);
    } catch (error) {
      this.#failure(step.id)(error);
    }
  }

  readonly #answer =
    (id: number) =>
    (result: unknown): void => {
      if (result instanceof Hold) this.#holds.set(id, result);
      this.#report(id, outcomeOf(result));
    };

  readonly #failure =
    (id: number) =>
    (error: unknown): void =>
      this.#report(id, outcomeOfError(error));

  holdOf(id: number): Hold {
    return this.#holds.get(id) as Hold;
  }

  signalFor(id: number): AbortSignal {
    const aborter = new AbortController();
    this.#aborters.set(id, aborter);
    return aborter.signal;
  }

  abort(id: number): void {
    this.#aborters.get(id)?.abort(coded('GIVEN_UP'));
  }

  /** The function for a run: says that it is in, and stays until it is told to finish. */
  staying(id: number): () => Promise<void> {
    return () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#runs.set(id, { inside: AsyncLocalStorage.snapshot(), finish: resolve });
      this.#report(id, 'held');
      return promise;
    };
  }

  finish(id: number): void {
    this.#runs.get(id)?.finish();
    this.#runs.delete(id);
  }
}
