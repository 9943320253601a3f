/**
 * What a kind of object says of the steps that there are: what to do, and what a plain model expects.
 * @module
 */
import type { ScopeOptions, WaitOptions } from '../../../src/index.ts';
import type { Agent } from './agent.ts';
import { coded, type Outcome } from './outcome.ts';
import { type Call, type Model, type Step, timeoutOf } from './step.ts';

/** The options of a wait. */
export function optionsOf(agent: Agent<object>, step: Step): WaitOptions | undefined {
  switch (step.bounds) {
    case 'endless':
      return undefined;
    case 'signal':
      return { signal: agent.signalFor(step.id) };
    case 'timed':
      return { timeout: timeoutOf(step) };
    case 'both':
      return { timeout: timeoutOf(step), signal: agent.signalFor(step.id) };
    case 'zero':
      return { timeout: 0 };
    case 'invalid':
      return { timeout: -1 };
    case 'given':
      return { signal: AbortSignal.abort(coded('GIVEN_UP')) };
  }
}

/** What an earlier step has to be for a later one to be about it. */
export type About = 'held' | 'run' | 'signal';

/** One thing to do. */
export interface Verb<T extends object, M extends Model> {
  /** How often it is chosen. */
  readonly weight: number;
  /** What earlier step it is about, if it is about one. */
  readonly about?: About;
  /** It blocks when it has to wait. */
  readonly blocks?: boolean;
  /** It is part of scenarios in one thread only. */
  readonly local?: boolean;
  do(agent: Agent<T>, step: Step): unknown;
  /** Sets the outcome of the call, unless it waits. */
  expect(model: M, call: Call, target: Call | undefined): void;
}

/** A kind of object: how it is made, what can be done with it, and what a plain model says of that. */
export interface Family<T extends object = object, M extends Model = Model> {
  /** What it is made with. */
  readonly variants: readonly number[];
  /** Those that can be made for several threads. */
  readonly shared: readonly number[];
  /** Whether steps may follow each other before promises have been heard. */
  readonly bursts: boolean;
  /** Whether promises of one thread that wait for different things may be served together, before others that came in between. */
  readonly mixed?: boolean;
  make(scope: NonNullable<ScopeOptions['scope']>, variant: number, agent?: Agent<T>): T;
  model(variant: number): M;
  stateOf(object: T): object;
  readonly verbs: Readonly<Record<string, Verb<T, M>>>;
}

/** Gives the signal of a wait. */
export const abort: Verb<object, Model> = {
  weight: 4,
  about: 'signal',
  do: (agent, { target }) => agent.abort(target),
  expect(model, call, waiting) {
    model.giveUp(waiting as Call, 'GIVEN_UP');
    call.outcome = 'done';
  },
};

const spent = new WeakSet<Call>();

/** A hold can be released once, whatever comes of it. */
export function releaseOnce(call: Call, release: () => Outcome): Outcome {
  if (spent.has(call)) return 'ERR_NOT_HELD';
  spent.add(call);
  return release();
}
