/**
 * Barrier as those who have arrived, and those who wait until they may.
 * @module
 */
import { inspect } from 'node:util';
import { Barrier } from '../../../src/index.ts';
import { coded, type Outcome } from './outcome.ts';
import { abort, type Family, optionsOf, type Verb } from './family.ts';
import { type Call, type Model, refusal } from './step.ts';

/** A round whose action goes on. */
interface Acting {
  readonly last: Call;
  /** False once the barrier has been broken or reset meanwhile: then it opens for nobody. */
  counts: boolean;
}

/** Variants: the parties, and whether there is an action that has to be told to end. */
const ACTION = 16;

/** Parties that wait for each other. */
class BarrierModel implements Model {
  readonly #parties: number;
  readonly #hasAction: boolean;
  #arrived: Call[] = [];
  #outside: Call[] = [];
  #acting: Acting | undefined;
  /** Actions that go on, those that do not count any more included. */
  readonly #actions: Acting[] = [];
  #broken = false;
  readonly rounds: Call[][] = [];

  constructor(variant: number) {
    this.#parties = variant % ACTION;
    this.#hasAction = variant >= ACTION;
  }

  /** @param acts whether an action is waited for, should it be the last one */
  wait(call: Call, acts = this.#hasAction): void {
    const { step } = call;
    const refused = refusal(step);
    if (refused !== undefined) call.outcome = refused;
    else if (this.#broken) call.outcome = 'ERR_BROKEN_BARRIER';
    else {
      this.#come(call, acts);
      if (step.bounds === 'zero') this.giveUp(call, 'no');
    }
  }

  waitSync(call: Call): void {
    const { step } = call;
    const isLast = this.#acting === undefined && this.#arrived.length + 1 === this.#parties;
    if (!isLast && !step.mayBlock && refusal(step) === undefined) step.bounds = 'zero';
    this.wait(call, false);
  }

  #come(call: Call, acts = this.#hasAction): void {
    if (this.#acting !== undefined) {
      this.#outside.push(call);
      return;
    }
    this.#arrived.push(call);
    if (this.#arrived.length < this.#parties) return;
    this.#acting = { last: call, counts: true };
    if (acts) this.#actions.push(this.#acting);
    else this.#open();
  }

  #open(): void {
    this.rounds.push(this.#arrived);
    for (const call of this.#arrived) call.outcome = 'number';
    this.#nextRound();
  }

  #nextRound(): void {
    if (this.#acting !== undefined) this.#acting.counts = false;
    this.#acting = undefined;
    this.#arrived = [];
    this.#broken = false;
    for (const call of this.#outside.splice(0)) this.#come(call);
  }

  /** The action that has gone on longest ends. */
  endAction(): void {
    const action = this.#actions.shift();
    if (action?.counts === true) this.#open();
    else if (action !== undefined) action.last.outcome = 'ERR_BROKEN_BARRIER';
  }

  failAction(): void {
    const action = this.#actions.shift();
    if (action === undefined) return;
    if (action.counts) this.abort();
    action.last.outcome = 'ACTION_FAILED';
  }

  /** All who wait are sent away; whoever runs an action hears of it when that has ended. */
  #sendAway(calls: readonly Call[]): void {
    for (const call of calls) {
      if (this.#actions.every(({ last }) => last !== call)) call.outcome = 'ERR_BROKEN_BARRIER';
    }
  }

  abort(): void {
    if (this.#acting !== undefined) this.#acting.counts = false;
    this.#sendAway(this.#arrived);
    this.#sendAway(this.#outside);
    this.#arrived = [];
    this.#outside = [];
    this.#broken = true;
  }

  reset(): void {
    this.#sendAway(this.#arrived);
    this.#nextRound();
  }

  /** By a signal: it does not count any more. By time: the barrier breaks, unless it has not arrived yet. */
  giveUp(call: Call, outcome: Outcome): void {
    const isOutside = this.#outside.includes(call);
    if (call === this.#acting?.last || (!this.#arrived.includes(call) && !isOutside)) return;
    this.#arrived = this.#arrived.filter((each) => each !== call);
    this.#outside = this.#outside.filter((each) => each !== call);
    const breaks = outcome === 'no' && !isOutside;
    call.outcome = outcome === 'no' ? (isOutside ? 'ERR_TIMEOUT' : 'ERR_BROKEN_BARRIER') : outcome;
    if (breaks) this.abort();
  }

  state(): object {
    return { waiting: this.#broken ? 0 : this.#arrived.length, broken: this.#broken };
  }

  holds(): boolean {
    return false;
  }

  rescue(): { verb: string; who: number } {
    return { verb: this.#actions.length > 0 ? 'endAction' : 'break', who: 0 };
  }
}

const done = (call: Call): void => void (call.outcome = 'done');

const verbs: Readonly<Record<string, Verb<Barrier, BarrierModel>>> = {
  wait: {
    weight: 14,
    do: (agent, step) => agent.object.wait(optionsOf(agent, step)),
    expect: (model, call) => model.wait(call),
  },
  waitSync: {
    weight: 3,
    blocks: true,
    do(agent, step) {
      agent.blocking = true;
      try {
        return agent.object.waitSync(optionsOf(agent, step));
      } finally {
        agent.blocking = false;
      }
    },
    expect: (model, call) => model.waitSync(call),
  },
  endAction: {
    weight: 5,
    local: true,
    do: ({ actions }) => actions.shift()?.resolve(),
    expect(model, call) {
      model.endAction();
      done(call);
    },
  },
  failAction: {
    weight: 1,
    local: true,
    do: ({ actions }) => actions.shift()?.reject(coded('ACTION_FAILED')),
    expect(model, call) {
      model.failAction();
      done(call);
    },
  },
  abort,
  break: {
    weight: 1,
    do: ({ object }) => object.abort(),
    expect(model, call) {
      model.abort();
      done(call);
    },
  },
  reset: {
    weight: 2,
    do: ({ object }) => object.reset(),
    expect(model, call) {
      model.reset();
      done(call);
    },
  },
};

export const barrierFamily: Family<Barrier, BarrierModel> = {
  variants: [1, 2, 3, 4, ACTION + 1, ACTION + 2, ACTION + 3],
  shared: [2, 3],
  bursts: false,
  make: (scope, variant, agent) => {
    const parties = variant % ACTION;
    if (agent === undefined || variant < ACTION) return new Barrier(parties, { scope });
    const action = (): Promise<void> | undefined => {
      if (agent.blocking) return undefined;
      const going = Promise.withResolvers<void>();
      agent.actions.push(going);
      return going.promise;
    };
    return new Barrier(parties, { scope, action });
  },
  model: (variant) => new BarrierModel(variant),
  stateOf(barrier) {
    const { waiting, broken, parties } = barrier;
    const says = broken ? 'broken' : `filling, waiters=${waiting}/${parties}`;
    if (inspect(barrier) !== `Barrier { ${says} }`) throw new Error(`${inspect(barrier)} instead of ${says}`);
    return { waiting, broken };
  },
  verbs,
};
