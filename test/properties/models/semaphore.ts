/**
 * Semaphore and BoundedSemaphore as a number and a queue.
 * @module
 */
import { BoundedSemaphore, Semaphore } from '../../../src/index.ts';
import { waitersOf } from '../../contract/in-scope.ts';
import type { Outcome } from './outcome.ts';
import { abort, type Family, optionsOf, releaseOnce, type Verb } from './family.ts';
import { type Call, type Model, refusal } from './step.ts';

/** So many permits. */
class SemaphoreModel implements Model {
  #value: number;
  readonly #bound: number;
  readonly #line: Call[] = [];

  constructor(value: number, bound: number) {
    this.#value = value;
    this.#bound = bound;
  }

  acquire(call: Call): void {
    const { step } = call;
    const refused = refusal(step);
    if (refused !== undefined) return void (call.outcome = refused);
    this.#line.push(call);
    this.#grant();
    if (step.bounds === 'zero') this.giveUp(call, 'no');
  }

  acquireSync(call: Call): void {
    const { step } = call;
    if (this.#value === 0 && !step.mayBlock && refusal(step) === undefined) step.bounds = 'zero';
    this.acquire(call);
  }

  #grant(): void {
    while (this.#value > 0) {
      const first = this.#line.shift();
      if (first === undefined) return;
      this.#value -= 1;
      first.outcome = 'held';
    }
  }

  giveUp(call: Call, outcome: Outcome): void {
    const place = this.#line.indexOf(call);
    if (place < 0) return;
    this.#line.splice(place, 1);
    call.outcome = outcome;
  }

  release(count: number): Outcome {
    if (count < 1) return 'ERR_INVALID_OPTION';
    if (this.#value + count > this.#bound) return 'ERR_NOT_HELD';
    this.#value += count;
    this.#grant();
    return 'done';
  }

  releaseHold(held: Call): Outcome {
    return releaseOnce(held, () => this.release(1));
  }

  state(): object {
    return { value: this.#value, locked: this.#value === 0, waiting: this.#line.length };
  }

  /** A permit that is held hinders nobody from waiting for another one. */
  holds(): boolean {
    return false;
  }

  rescue(): { verb: string; who: number; count: number } {
    return { verb: 'release', who: 0, count: 1 };
  }
}

const verbs: Readonly<Record<string, Verb<Semaphore, SemaphoreModel>>> = {
  acquire: {
    weight: 8,
    do: (agent, step) => agent.object.acquire(optionsOf(agent, step) as object),
    expect: (model, call) => model.acquire(call),
  },
  acquireSync: {
    weight: 3,
    blocks: true,
    do: (agent, step) => agent.object.acquireSync(optionsOf(agent, step) as object),
    expect: (model, call) => model.acquireSync(call),
  },
  tryAcquire: {
    weight: 2,
    do: ({ object }) => object.tryAcquire(),
    expect(model, call) {
      call.step.bounds = 'zero';
      model.acquire(call);
    },
  },
  releaseHold: {
    weight: 6,
    about: 'held',
    do: (agent, { target }) => agent.holdOf(target).release(),
    expect(model, call, held) {
      call.outcome = model.releaseHold(held as Call);
    },
  },
  release: {
    weight: 4,
    do: ({ object }, { count }) => object.release(count),
    expect(model, call) {
      call.outcome = model.release(call.step.count);
    },
  },
  abort,
};

const MOST = 0x7fff_ffff;
/** A bit of the variants. */
const RECLAIM = 8;

/** Variants: permits at first, and whether those of the dead come back. */
export const semaphoreFamily: Family<Semaphore, SemaphoreModel> = {
  variants: [0, 1, 2, 3, RECLAIM, RECLAIM + 2],
  shared: [0, 1, 2, RECLAIM + 1],
  bursts: true,
  make: (scope, variant) => new Semaphore(variant % RECLAIM, { scope, reclaim: variant >= RECLAIM }),
  model: (variant) => new SemaphoreModel(variant % RECLAIM, MOST),
  stateOf: (semaphore) => ({
    value: semaphore.value,
    locked: semaphore.locked,
    waiting: waitersOf(semaphore),
  }),
  verbs,
};

export const boundedFamily: Family<Semaphore, SemaphoreModel> = {
  ...semaphoreFamily,
  variants: [1, 2, 3, RECLAIM + 1, RECLAIM + 2],
  shared: [1, 2, RECLAIM + 1],
  make: (scope, variant) => new BoundedSemaphore(variant % RECLAIM, { scope, reclaim: variant >= RECLAIM }),
  model: (variant) => new SemaphoreModel(variant % RECLAIM, variant % RECLAIM),
};
