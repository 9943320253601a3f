/**
 * Lock and RLock as a holder and a queue.
 * @module
 */
import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { Lock, RLock } from '../../../src/index.ts';
import { waitersOf } from '../../contract/in-scope.ts';
import type { Outcome } from './outcome.ts';
import { abort, type Family, optionsOf, releaseOnce, type Verb } from './family.ts';
import { type Call, type Model, refusal, type Step } from './step.ts';

/** Who has a lock, and how. */
export interface Held {
  readonly who: number;
  /** The flow that it belongs to; 0 outside of all runs; `NAMELESS` for what was acquired there by a promise. */
  flow: number;
  /** The call that took it, whose hold can give it back. */
  readonly by: number;
  levels: number;
  /** The flows of the levels above the first. */
  readonly flows: number[];
  /** Calls that took the levels above the first. */
  readonly inner: Set<number>;
}

/** Somebody in line: gets the lock as `held`, and its call then has that outcome. */
interface InLine {
  readonly call: Call;
  readonly held: Held;
  readonly outcome: Outcome;
}

const NAMELESS = -1;
const OUTSIDE = 0;

/** A lock. */
export class MutexModel implements Model {
  held: Held | undefined;
  readonly line: InLine[] = [];
  readonly #reentrant: boolean;
  /** Runs by their numbers. */
  readonly #runs = new Map<number, Call>();
  /** Who was given the lock last. */
  #last: InLine | undefined;

  constructor(reentrant: boolean) {
    this.#reentrant = reentrant;
  }

  #isRunning(flow: number): boolean {
    const outcome = this.#runs.get(flow)?.outcome;
    return outcome === 'held' || outcome === 'waits';
  }

  /** A run begins with an acquire. */
  run(call: Call): void {
    this.#runs.set(call.step.flow, call);
    this.acquire(call);
  }

  /** Whether a step is part of an async function that holds it. */
  #isWithin({ who, flows }: Step): boolean {
    const { held } = this;
    if (held?.who !== who) return false;
    return [held.flow, ...held.flows].some((flow) => flows.includes(flow) && this.#isRunning(flow));
  }

  acquire(call: Call): void {
    const { step } = call;
    const { flow } = step;
    const own = this.#isWithin(step);
    if (own && this.#reentrant) return this.#deeper(call);
    if (own && step.bounds === 'endless') return void (call.outcome = 'ERR_DEADLOCK');
    const named = flow === OUTSIDE && this.#reentrant ? NAMELESS : flow;
    return this.#take(call, named);
  }

  acquireSync(call: Call): void {
    const { step } = call;
    const mine = this.held?.who === step.who;
    const ownThread = mine && this.held?.flow === OUTSIDE && step.flow === OUTSIDE;
    if (this.#reentrant && (ownThread || this.#isWithin(step))) return this.#deeper(call);
    const endless = step.bounds === 'endless' || (this.#reentrant && step.bounds === 'given');
    if (mine && endless) return void (call.outcome = 'ERR_DEADLOCK');
    if (this.held !== undefined && (mine || !step.mayBlock) && refusal(step) === undefined) step.bounds = 'zero';
    return this.#take(call, step.flow);
  }

  #deeper(call: Call): void {
    const { held } = this;
    call.outcome = refusal(call.step) ?? 'held';
    if (call.outcome !== 'held' || held === undefined) return;
    held.levels += 1;
    held.flows.push(call.step.flow);
    held.inner.add(call.step.id);
  }

  #take(call: Call, flow: number): void {
    const { step } = call;
    const refused = refusal(step);
    const held = { who: step.who, flow, by: step.id, levels: 1, flows: [], inner: new Set<number>() };
    if (refused !== undefined) call.outcome = refused;
    else if (this.held !== undefined && step.bounds === 'zero') call.outcome = 'no';
    else this.request({ call, held, outcome: 'held' });
  }

  /** Takes the lock, or stands in line. */
  request(inLine: InLine): void {
    this.line.push(inLine);
    this.next();
  }

  /** Whoever has waited longest gets what is free. */
  next(): void {
    if (this.held !== undefined) return;
    const first = this.line.shift();
    if (first === undefined) return;
    this.held = first.held;
    this.#last = first;
    first.call.outcome = first.outcome;
  }

  giveUp(call: Call, outcome: Outcome): void {
    const place = this.line.findIndex((each) => each.call === call);
    if (place < 0) return;
    this.line.splice(place, 1);
    call.outcome = outcome;
  }

  /** A lock lets whoever is running pass first: one that stands in line may have taken it instead of the first. */
  tookInstead(call: Call): void {
    const place = this.line.findIndex((each) => each.call === call);
    const taker = this.line[place];
    if (taker === undefined || this.#last === undefined || this.held !== this.#last.held) return;
    this.line.splice(place, 1);
    this.line.unshift(this.#last);
    this.#last.call.outcome = 'waits';
    this.#last = undefined;
    this.held = taker.held;
    taker.call.outcome = taker.outcome;
  }

  /** `release` of the lock. */
  release(step: Step): Outcome {
    const { held } = this;
    if (held === undefined) return 'ERR_NOT_HELD';
    if (this.#reentrant && held.who !== step.who) return 'ERR_NOT_HELD';
    if (this.#reentrant && this.#isRunning(held.flow) && !this.#isWithin(step)) return 'ERR_NOT_HELD';
    return this.#leaveLevel(held, step.flows);
  }

  #leaveLevel(held: Held, flows: readonly number[]): Outcome {
    held.levels -= 1;
    if (held.levels > 0) this.#leaveFlow(held, flows);
    else {
      this.held = undefined;
      this.next();
    }
    return 'done';
  }

  /** One level less: that of the innermost run around that has any, else the last one. When it is the outermost, the next is that. */
  #leaveFlow(held: Held, around: readonly number[]): void {
    const leaving = around.find((flow) => this.#isRunning(flow) && [held.flow, ...held.flows].includes(flow));
    const place = leaving === undefined ? held.flows.length - 1 : held.flows.lastIndexOf(leaving);
    if (place >= 0) held.flows.splice(place, 1);
    else held.flow = held.flows.shift() ?? OUTSIDE;
  }

  /** `release` of what a call has got; a run releases it within itself, others do so outside of all. */
  releaseHold({ step: { id, verb, flows } }: Call): Outcome {
    const { held } = this;
    if (held === undefined || (held.by !== id && !held.inner.delete(id))) return 'ERR_NOT_HELD';
    return this.#leaveLevel(held, verb === 'run' ? flows : []);
  }

  state(): object {
    return { locked: this.held !== undefined, waiting: this.line.length };
  }

  holds(who: number): boolean {
    return this.held?.who === who;
  }

  rescue(): { verb: string; who: number; within: number } {
    const { who = 0, flow = OUTSIDE } = this.held ?? {};
    return { verb: 'release', who, within: this.#isRunning(flow) ? flow - 1 : -1 };
  }
}

/** What holds of a mutex as it says itself. */
export function mutexState(lock: Lock | RLock): object {
  const { locked, owner } = lock;
  assert.equal(owner !== undefined, locked);
  assert.match(inspect(lock), locked ? /\{ locked by / : /\{ unlocked/);
  return { locked, waiting: waitersOf(lock) };
}

type MutexVerb = Verb<Lock | RLock, MutexModel>;

const verbs: Readonly<Record<string, MutexVerb>> = {
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
      model.acquireSync(call);
    },
  },
  run: {
    weight: 4,
    do: (agent, step) => agent.object.run(agent.staying(step.id), optionsOf(agent, step)),
    expect(model, call) {
      model.run(call);
      if (call.outcome === 'no') call.outcome = 'ERR_TIMEOUT';
    },
  },
  finish: {
    weight: 4,
    about: 'run',
    do: (agent, { target }) => agent.finish(target),
    expect(model, call, run) {
      model.releaseHold(run as Call);
      (run as Call).outcome = 'done';
      call.outcome = 'done';
    },
  },
  releaseHold: {
    weight: 8,
    about: 'held',
    do: (agent, { target }) => agent.holdOf(target).release(),
    expect(model, call, held) {
      call.outcome = releaseOnce(held as Call, () => model.releaseHold(held as Call));
    },
  },
  dispose: {
    weight: 1,
    about: 'held',
    do: (agent, { target }) => agent.holdOf(target)[Symbol.dispose](),
    expect(model, call, held) {
      releaseOnce(held as Call, () => model.releaseHold(held as Call));
      call.outcome = 'done';
    },
  },
  release: {
    weight: 2,
    do: ({ object }) => object.release(),
    expect(model, call) {
      call.outcome = model.release(call.step);
    },
  },
  abort,
};

const family = (Class: typeof Lock | typeof RLock): Family<Lock | RLock, MutexModel> => ({
  variants: [0],
  shared: [0],
  bursts: true,
  make: (scope) => new Class({ scope }),
  model: () => new MutexModel(Class === RLock),
  stateOf: mutexState,
  verbs,
});

export const lockFamily = family(Lock);
export const rlockFamily = family(RLock);
