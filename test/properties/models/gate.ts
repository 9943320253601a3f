/**
 * Event and Latch as a flag, or a count, and those who wait.
 * @module
 */
import { Event, Latch } from '../../../src/index.ts';
import { waitersOf } from '../../contract/in-scope.ts';
import type { Outcome } from './outcome.ts';
import { abort, type Family, optionsOf, type Verb } from './family.ts';
import { type Call, type Model, refusal } from './step.ts';

/** Something that opens; how is up to its kind. */
abstract class GateModel implements Model {
  readonly #waiting: Call[] = [];

  protected abstract readonly open: boolean;

  wait(call: Call): void {
    const { step } = call;
    const refused = refusal(step);
    if (refused !== undefined) call.outcome = refused;
    else if (this.open) call.outcome = 'yes';
    else if (step.bounds === 'zero') call.outcome = 'no';
    else this.#waiting.push(call);
  }

  waitSync(call: Call): void {
    const { step } = call;
    if (!this.open && !step.mayBlock && refusal(step) === undefined) step.bounds = 'zero';
    this.wait(call);
  }

  protected letAllPass(): void {
    for (const call of this.#waiting.splice(0)) call.outcome = 'yes';
  }

  giveUp(call: Call, outcome: Outcome): void {
    const place = this.#waiting.indexOf(call);
    if (place < 0) return;
    this.#waiting.splice(place, 1);
    call.outcome = outcome;
  }

  state(): object {
    return { waiting: this.#waiting.length };
  }

  holds(): boolean {
    return false;
  }

  abstract rescue(): { verb: string; who: number; count?: number };
}

/** A flag. */
class EventModel extends GateModel {
  protected open = false;

  set(): void {
    this.open = true;
    this.letAllPass();
  }

  clear(): void {
    this.open = false;
  }

  override state(): object {
    return { ...super.state(), isSet: this.open };
  }

  override rescue(): { verb: string; who: number } {
    return { verb: 'set', who: 0 };
  }
}

/** A count. */
class LatchModel extends GateModel {
  #count: number;

  constructor(count: number) {
    super();
    this.#count = count;
  }

  protected get open(): boolean {
    return this.#count === 0;
  }

  countDown(by: number): Outcome {
    if (by < 1) return 'ERR_INVALID_OPTION';
    if (by > this.#count) return 'ERR_INVALID_STATE';
    this.#count -= by;
    if (this.open) this.letAllPass();
    return 'done';
  }

  override state(): object {
    return { ...super.state(), count: this.#count };
  }

  override rescue(): { verb: string; who: number; count: number } {
    return { verb: 'countDown', who: 0, count: this.#count };
  }
}

const waits: Readonly<Record<string, Verb<Event | Latch, GateModel>>> = {
  wait: {
    weight: 8,
    do: (agent, step) => agent.object.wait(optionsOf(agent, step)),
    expect: (model, call) => model.wait(call),
  },
  waitSync: {
    weight: 4,
    blocks: true,
    do: (agent, step) => agent.object.waitSync(optionsOf(agent, step)),
    expect: (model, call) => model.waitSync(call),
  },
  abort,
};

export const eventFamily: Family<Event, EventModel> = {
  variants: [0],
  shared: [0],
  bursts: true,
  make: (scope) => new Event({ scope }),
  model: () => new EventModel(),
  stateOf: (event) => ({ waiting: waitersOf(event), isSet: event.isSet }),
  verbs: {
    ...(waits as Family<Event, EventModel>['verbs']),
    set: {
      weight: 3,
      do: ({ object }) => object.set(),
      expect(model, call) {
        model.set();
        call.outcome = 'done';
      },
    },
    clear: {
      weight: 3,
      do: ({ object }) => object.clear(),
      expect(model, call) {
        model.clear();
        call.outcome = 'done';
      },
    },
  },
};

/** Variants: the count. */
export const latchFamily: Family<Latch, LatchModel> = {
  variants: [0, 1, 2, 5, 9],
  shared: [2, 4, 6],
  bursts: true,
  make: (scope, variant) => new Latch(variant, { scope }),
  model: (variant) => new LatchModel(variant),
  stateOf: (latch) => ({ waiting: waitersOf(latch), count: latch.count }),
  verbs: {
    ...(waits as Family<Latch, LatchModel>['verbs']),
    countDown: {
      weight: 4,
      do: ({ object }, { count }) => object.countDown(count),
      expect(model, call) {
        call.outcome = model.countDown(call.step.count);
      },
    },
  },
};
