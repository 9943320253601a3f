/**
 * Condition as a queue beside a lock.
 * @module
 */
import { inspect } from 'node:util';
import { Condition, Lock, type RLock } from '../../../src/index.ts';
import { waitersOf } from '../../contract/in-scope.ts';
import { type Held, MutexModel, mutexState } from './mutex.ts';
import type { Outcome } from './outcome.ts';
import { abort, type Family, optionsOf, releaseOnce, type Verb } from './family.ts';
import { type Call, type Model, refusal, type Step } from './step.ts';

interface Waiting {
  readonly call: Call;
  /** The lock as it was held. */
  readonly held: Held;
  /** What is waited for: `level` to be so high; undefined: a notification. */
  readonly level: number | undefined;
}

/** A lock, and those who have given it up until they are notified. */
class ConditionModel implements Model {
  readonly lock: MutexModel;
  readonly #waiting: Waiting[] = [];
  /** What predicates look at. */
  level = 0;
  /** What those wait for who take the lock back in order to look, and whose signal was given meanwhile. */
  readonly #levels = new Map<Call, number>();
  readonly #aborted = new Set<Call>();

  constructor(reentrant: boolean) {
    this.lock = new MutexModel(reentrant);
  }

  #isMine({ step }: Call): boolean {
    return this.lock.held?.who === step.who;
  }

  wait(call: Call): void {
    const refused = this.#isMine(call) ? refusal(call.step) : 'ERR_NOT_HELD';
    if (refused !== undefined) call.outcome = refused;
    else if (call.step.bounds === 'zero') call.outcome = 'no';
    else this.#giveUpLock(call, undefined);
  }

  waitSync(call: Call): void {
    if (!call.step.mayBlock && refusal(call.step) === undefined) call.step.bounds = 'zero';
    this.wait(call);
  }

  waitFor(call: Call): void {
    const { step } = call;
    if (step.bounds === 'timed' || step.bounds === 'zero') step.bounds = 'endless';
    if (step.bounds === 'both') step.bounds = 'signal';
    const level = step.count;
    const refused = refusal(step);
    if (refused !== undefined) call.outcome = refused;
    else if (this.level >= level) call.outcome = 'yes';
    else if (this.#isMine(call)) this.#giveUpLock(call, level);
    else call.outcome = 'ERR_NOT_HELD';
  }

  #giveUpLock(call: Call, level: number | undefined): void {
    const held = this.lock.held as Held;
    this.lock.held = undefined;
    this.#waiting.push({ call, held, level });
    this.lock.next();
    this.#lookAgain();
  }

  notify(call: Call, count: number): Outcome {
    if (count < 1) return 'ERR_INVALID_OPTION';
    if (!this.#isMine(call)) return 'ERR_NOT_HELD';
    for (const each of this.#waiting.splice(0, count))
      this.#takeLockBack(each, each.level === undefined ? 'yes' : LOOKS);
    return 'done';
  }

  #takeLockBack({ call, held, level }: Waiting, outcome: Outcome): void {
    if (level !== undefined) this.#levels.set(call, level);
    this.lock.request({ call, held, outcome });
    this.#lookAgain();
  }

  /** Whoever has the lock back in order to look, looks. */
  #lookAgain(): void {
    for (const [call, level] of this.#levels) {
      if (call.outcome !== LOOKS) continue;
      this.#levels.delete(call);
      call.outcome = 'waits';
      if (this.level >= level) call.outcome = 'yes';
      else if (this.#aborted.has(call)) call.outcome = 'GIVEN_UP';
      else this.#giveUpLock(call, level);
    }
  }

  giveUp(call: Call, outcome: Outcome): void {
    const place = this.#waiting.findIndex((each) => each.call === call);
    const [waiting] = place < 0 ? [] : this.#waiting.splice(place, 1);
    if (waiting !== undefined) this.#takeLockBack({ ...waiting, level: undefined }, outcome);
    else if (this.#levels.has(call)) this.#aborted.add(call);
    else if (!this.#resumes(call)) this.lock.giveUp(call, outcome);
  }

  #resumes(call: Call): boolean {
    return this.lock.line.some((each) => each.call === call && each.outcome !== 'held');
  }

  acquire(call: Call): void {
    this.lock.acquire(call);
  }

  tookInstead(call: Call): void {
    this.lock.tookInstead(call);
  }

  release(step: Step): Outcome {
    const outcome = this.lock.release(step);
    this.#lookAgain();
    return outcome;
  }

  releaseHold(held: Call): Outcome {
    const outcome = releaseOnce(held, () => this.lock.releaseHold(held));
    this.#lookAgain();
    return outcome;
  }

  state(): object {
    return { lock: this.lock.state(), waiting: this.#waiting.length };
  }

  holds(): boolean {
    return false;
  }

  rescue(): { verb: string; who: number; count?: number } {
    if (this.#waiting.some(({ level = 0 }) => level > this.level)) return { verb: 'raise', who: 0 };
    if (this.lock.held === undefined) return { verb: 'acquireSync', who: 0 };
    const { who } = this.lock.held;
    return this.#waiting.length > 0 ? { verb: 'notify', who, count: 1 } : { verb: 'release', who };
  }
}

/** The outcome of one that has the lock back and looks at its predicate: nobody sees it. */
const LOOKS = 'looks';

const verbs: Readonly<Record<string, Verb<Condition, ConditionModel>>> = {
  acquire: {
    weight: 6,
    do: (agent, step) => agent.object.acquire(optionsOf(agent, step) as object),
    expect: (model, call) => model.acquire(call),
  },
  acquireSync: {
    weight: 6,
    blocks: true,
    do: (agent, step) => agent.object.acquireSync(optionsOf(agent, step) as object),
    expect: (model, call) => model.lock.acquireSync(call),
  },
  wait: {
    weight: 10,
    do: (agent, step) => agent.object.wait(optionsOf(agent, step)),
    expect: (model, call) => model.wait(call),
  },
  waitSync: {
    weight: 4,
    blocks: true,
    do: (agent, step) => agent.object.waitSync(optionsOf(agent, step)),
    expect: (model, call) => model.waitSync(call),
  },
  waitFor: {
    weight: 3,
    local: true,
    do: (agent, step) => agent.object.waitFor(() => agent.level >= step.count, optionsOf(agent, step)),
    expect: (model, call) => model.waitFor(call),
  },
  raise: {
    weight: 2,
    local: true,
    do(agent) {
      agent.level += 1;
    },
    expect(model, call) {
      model.level += 1;
      call.outcome = 'done';
    },
  },
  notify: {
    weight: 6,
    do: ({ object }, { count }) => object.notify(count),
    expect(model, call) {
      call.outcome = model.notify(call, call.step.count);
    },
  },
  notifyAll: {
    weight: 2,
    local: true,
    do: ({ object }) => object.notifyAll(),
    expect(model, call) {
      call.outcome = model.notify(call, Infinity);
    },
  },
  releaseHold: {
    weight: 8,
    about: 'held',
    do: (agent, { target }) => agent.holdOf(target).release(),
    expect(model, call, held) {
      call.outcome = model.releaseHold(held as Call);
    },
  },
  release: {
    weight: 6,
    do: ({ object }) => object.release(),
    expect(model, call) {
      call.outcome = model.release(call.step);
    },
  },
  abort,
};

/** Variants: over an RLock of its own, or over a given Lock. */
export const conditionFamily: Family<Condition, ConditionModel> = {
  variants: [0, 1],
  shared: [0, 1],
  bursts: false,
  make: (scope, variant) => (variant === 0 ? new Condition({ scope }) : new Condition(new Lock({ scope }))),
  model: (variant) => new ConditionModel(variant === 0),
  stateOf(condition) {
    const lock = condition.lock as Lock | RLock;
    // What is printed of the lock is a part of what is printed of the condition.
    if (!inspect(condition).includes(inspect(lock))) throw new Error(`${inspect(condition)} does not show its lock`);
    return { lock: mutexState(lock), waiting: waitersOf(condition) };
  },
  verbs,
};
