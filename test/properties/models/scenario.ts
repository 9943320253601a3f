/**
 * A random scenario: raw steps become steps about what is there, and a plain model says what each comes to.
 * @module
 */
import fc from 'fast-check';
import type { Family } from './family.ts';
import type { Outcome } from './outcome.ts';
import { BOUNDS, type Bounds, type Call, hasSignal, hasTimeout, type Model, type Step, timeoutOf } from './step.ts';

/** A step before it is known what there is. */
export interface RawStep {
  readonly verb: string;
  readonly pick: number;
  readonly who: number;
  readonly bounds: Bounds;
  readonly count: number;
  readonly within: number | undefined;
  /** Whether promises are heard before the next one. */
  readonly rest: boolean;
}

/** The verb that lets time pass until a wait is over in time; in one thread only. */
export const EXPIRE = 'expire';

/** Scenarios of a family. */
export function rawSteps(family: Family, local: boolean, maxLength: number): fc.Arbitrary<RawStep[]> {
  const verbs = Object.entries(family.verbs)
    .filter(([, verb]) => local || verb.local !== true)
    .map(([verb, { weight }]) => ({ weight, arbitrary: fc.constant(verb) }));
  if (local) verbs.push({ weight: 2, arbitrary: fc.constant(EXPIRE) });
  const weights: Readonly<Record<Bounds, number>> = {
    endless: 8,
    signal: 5,
    timed: local ? 4 : 1,
    both: 3,
    zero: 2,
    invalid: 1,
    given: 1,
  };
  const step = fc.record({
    verb: fc.oneof(...verbs),
    pick: fc.nat({ max: 1000 }),
    who: fc.nat({ max: 1000 }),
    bounds: fc.oneof(...BOUNDS.map((bounds) => ({ weight: weights[bounds], arbitrary: fc.constant(bounds) }))),
    // Among threads, when much is given at once, one thread's line may be served together: the order is not told.
    count: fc.oneof({ weight: 6, arbitrary: fc.constant(1) }, { weight: 2, arbitrary: fc.nat({ max: local ? 3 : 1 }) }),
    within: fc.option(fc.nat({ max: 1000 }), { nil: undefined, freq: 2 }),
    rest: fc.boolean(),
  });
  return fc.array(step, { maxLength, size: 'max' });
}

const MOST_LAST_STEPS = 60;

class LoggedCall implements Call {
  readonly step: Step;
  readonly #log: number[];
  #outcome: Outcome = 'waits';

  constructor(step: Step, log: number[]) {
    this.step = step;
    this.#log = log;
  }

  get outcome(): Outcome {
    return this.#outcome;
  }

  set outcome(outcome: Outcome) {
    this.#outcome = outcome;
    if (outcome === 'held') this.#log.push(this.step.id);
  }
}

/** What has been done, and what it should have come to. */
export class Scenario {
  readonly model: Model;
  readonly calls: Call[] = [];
  /** Calls that were given what they wanted, in order. */
  readonly order: number[] = [];
  readonly #family: Family;
  readonly #agents: number;
  readonly #deadlines = new Map<Call, number>();
  /** Milliseconds that have passed. */
  now = 0;

  constructor(family: Family, variant: number, agents: number) {
    this.#family = family;
    this.#agents = agents;
    this.model = this.#family.model(variant);
  }

  /** Whether an agent is in a wait that blocks it. */
  isBlocked(who: number): boolean {
    return this.calls.some(
      ({ step, outcome }) => step.who === who && outcome === 'waits' && this.#family.verbs[step.verb]?.blocks === true,
    );
  }

  #waits(who: number): boolean {
    return this.calls.some(({ step, outcome }) => step.who === who && outcome === 'waits');
  }

  /** What the model says of a step; undefined when there is nothing that the step could be about. */
  next(raw: RawStep, observed: readonly Outcome[]): Step | undefined {
    const verb = this.#family.verbs[raw.verb];
    if (verb === undefined) return undefined;
    const held = (run: boolean): Call[] =>
      this.calls.filter(
        ({ step, outcome }) => outcome === 'held' && observed[step.id] === 'held' && (step.verb === 'run') === run,
      );
    const candidates = { held: () => held(false), run: () => held(true), signal: () => this.#abortable() };
    let target: Call | undefined;
    if (verb.about !== undefined) {
      const found = candidates[verb.about]();
      target = found[raw.pick % found.length];
      if (target === undefined) return undefined;
    }
    const runs = raw.within === undefined || target !== undefined ? [] : held(true);
    const within = runs[(raw.within ?? 0) % runs.length];
    const who = target?.step.who ?? within?.step.who ?? raw.who % this.#agents;
    if (this.isBlocked(who)) return undefined;
    // Then the order among threads would not be told: at most one promise of each waits.
    if (this.#agents > 1 && this.#family.mixed === true && verb.about === undefined && this.#waits(who))
      return undefined;
    return this.add({
      verb: raw.verb,
      who,
      target: target?.step.id ?? -1,
      within: within?.step.id ?? -1,
      bounds: verb.blocks === true ? forBlocking(raw.bounds) : this.#watched(raw.bounds, within),
      count: raw.count,
    });
  }

  /** Among workers time passes, and a run that waits without end for what it has got besides is told of the deadlock. */
  #watched(bounds: Bounds, within: Call | undefined): Bounds {
    return this.#agents > 1 && within !== undefined && bounds === 'endless' ? 'signal' : bounds;
  }

  /** Adds a step, and lets the model say what it comes to. */
  add(wanted: Omit<Step, 'id' | 'mayBlock' | 'flow' | 'flows'>): Step {
    const { who, within } = wanted;
    const id = this.calls.length;
    const around = this.calls[within]?.step.flows ?? [];
    const flows = wanted.verb === 'run' ? [id + 1, ...around] : around;
    const mayBlock = who > 0 && !this.#waits(who) && !this.model.holds(who);
    const step: Step = { ...wanted, id, flow: flows[0] ?? 0, flows, mayBlock };
    const call = new LoggedCall(step, this.order);
    this.calls.push(call);
    this.#family.verbs[step.verb]?.expect(this.model, call, this.calls[step.target]);
    if (call.outcome === 'waits' && hasTimeout(step)) this.#deadlines.set(call, this.now + timeoutOf(step));
    return step;
  }

  /** Steps that end all waits, one after the other: they keep the program alive. */
  *lastSteps(): Generator<Step> {
    for (let i = 0; this.calls.some(({ outcome }) => outcome === 'waits'); i++) {
      if (i === MOST_LAST_STEPS) throw new Error('Some wait for ever.');
      yield this.add({ target: -1, within: -1, bounds: 'endless', count: 1, ...this.model.rescue() });
    }
  }

  /** What those were given who left a barrier together; and what they should have been: another number each, in any order. */
  rounds(observed: readonly Outcome[]): { readonly given: unknown; readonly wanted: unknown } {
    const { rounds = [] } = this.model;
    return {
      given: rounds.map((round) => round.map(({ step: { id } }) => observed[id]).sort()),
      wanted: rounds.map((round) => round.map((_, number) => `number ${number}`)),
    };
  }

  #abortable(): Call[] {
    const all = this.calls.filter(({ step }) => hasSignal(step));
    const waiting = all.filter(({ outcome }) => outcome === 'waits');
    return waiting.length > 0 ? waiting : all;
  }

  /** Time passes until a wait is over. Returns how much, 0 when nobody waits so long. */
  expire(): number {
    const waiting = [...this.#deadlines].filter(([{ outcome }]) => outcome === 'waits');
    if (waiting.length === 0) return 0;
    const end = Math.min(...waiting.map(([, deadline]) => deadline));
    const passed = end - this.now;
    this.now = end;
    for (const [call, deadline] of waiting) {
      if (deadline !== end) continue;
      this.#deadlines.delete(call);
      this.model.giveUp(call, call.step.verb === 'run' ? 'ERR_TIMEOUT' : 'no');
    }
    return passed;
  }
}

/** A blocking wait does not look at its signal. */
function forBlocking(bounds: Bounds): Bounds {
  if (bounds === 'signal') return 'endless';
  return bounds === 'both' ? 'timed' : bounds;
}
