/**
 * Steps of a random scenario, and what a plain model is asked.
 * @module
 */
import type { Outcome } from './outcome.ts';

/** How a wait is bounded. */
export const BOUNDS = ['endless', 'signal', 'timed', 'both', 'zero', 'invalid', 'given'] as const;
export type Bounds = (typeof BOUNDS)[number];

/** One step of a scenario; its number is its place among the steps. */
export interface Step {
  readonly id: number;
  readonly verb: string;
  /** The agent that does it. */
  readonly who: number;
  /** The earlier step that it is about, or -1. */
  readonly target: number;
  /** The run within which it is done, or -1. */
  readonly within: number;
  /** Which async function it is part of: the number of the run around it, from 1 on, or 0. A run is part of itself. */
  readonly flow: number;
  /** That, and those of the runs around that one, also of those that are over. */
  readonly flows: readonly number[];
  bounds: Bounds;
  readonly count: number;
  /** Whether its agent may block. */
  readonly mayBlock: boolean;
}

/** A call, as a model keeps it. */
export interface Call {
  readonly step: Step;
  outcome: Outcome;
}

/** Milliseconds after which a wait that is `timed` is over. */
export const timeoutOf = ({ id }: Step): number => 1_000_000 * (1 + ((id * 37) % 64));

/** With what a wait fails for its options alone. */
export function refusal({ bounds }: Step): Outcome | undefined {
  if (bounds === 'invalid') return 'ERR_INVALID_OPTION';
  return bounds === 'given' ? 'GIVEN_UP' : undefined;
}

/** Whether it can be ended by its signal, or by time. */
export const hasSignal = ({ bounds }: Step): boolean => bounds === 'signal' || bounds === 'both';
export const hasTimeout = ({ bounds }: Step): boolean => bounds === 'timed' || bounds === 'both';

/** What every model does. */
export interface Model {
  /** A call that waits gives up. */
  giveUp(call: Call, outcome: Outcome): void;
  /** One that should wait has got what another one should have, where nobody promises an order among threads. */
  tookInstead?(call: Call): void;
  /** What the object should say of itself. */
  state(): object;
  /** Whether an agent holds anything. */
  holds(who: number): boolean;
  /** Calls that have left a barrier together, each with another number. */
  readonly rounds?: readonly (readonly Call[])[];
  /** A step that brings those nearer who are blocked. */
  rescue(): { readonly verb: string; readonly who: number; readonly within?: number; readonly count?: number };
}
