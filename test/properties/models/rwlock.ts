/**
 * RwLock as a writer, readers and one queue for both.
 * @module
 */
import { RwLock } from '../../../src/index.ts';
import { waitersOf } from '../../contract/in-scope.ts';
import type { Outcome } from './outcome.ts';
import { abort, type Family, optionsOf, releaseOnce, type Verb } from './family.ts';
import { type Call, type Model, refusal } from './step.ts';

type Kind = 'read' | 'write';

/** Readers or a writer. */
class RwLockModel implements Model {
  #writer: Call | undefined;
  /** How often each agent reads. */
  readonly #reads = new Map<number, number>();
  readonly #line: { readonly kind: Kind; readonly call: Call }[] = [];
  readonly #kinds = new Map<Call, Kind>();

  get #readers(): number {
    return [...this.#reads.values()].reduce((sum, count) => sum + count, 0);
  }

  #readsOf(who: number): number {
    return this.#reads.get(who) ?? 0;
  }

  acquire(kind: Kind, call: Call): void {
    const refused = refusal(call.step);
    if (refused !== undefined) return void (call.outcome = refused);
    this.#kinds.set(call, kind);
    this.#line.push({ kind, call });
    this.#grant();
    if (call.step.bounds === 'zero') this.giveUp(call, 'no');
  }

  acquireSync(kind: Kind, call: Call): void {
    const { step } = call;
    if (step.bounds === 'endless' || step.bounds === 'signal') {
      const mine = this.#writer?.step.who === step.who;
      if (mine || (kind === 'write' && this.#readsOf(step.who) > 0)) return void (call.outcome = 'ERR_DEADLOCK');
    }
    const free = this.#line.length === 0 && this.#canHave(kind);
    if (!free && !step.mayBlock && refusal(step) === undefined) step.bounds = 'zero';
    this.acquire(kind, call);
  }

  #canHave(kind: Kind): boolean {
    return this.#writer === undefined && (kind === 'read' || this.#readers === 0);
  }

  #grant(): void {
    for (let first = this.#line[0]; first !== undefined && this.#canHave(first.kind); first = this.#line[0]) {
      this.#line.shift();
      const { who } = first.call.step;
      if (first.kind === 'write') this.#writer = first.call;
      else this.#reads.set(who, this.#readsOf(who) + 1);
      first.call.outcome = 'held';
    }
  }

  giveUp(call: Call, outcome: Outcome): void {
    const place = this.#line.findIndex((each) => each.call === call);
    if (place < 0) return;
    this.#line.splice(place, 1);
    call.outcome = outcome;
    this.#grant();
  }

  release(kind: Kind, who: number): Outcome {
    if (kind === 'write') {
      if (this.#writer?.step.who !== who) return 'ERR_NOT_HELD';
      this.#writer = undefined;
    } else {
      if (this.#readsOf(who) === 0) return 'ERR_NOT_HELD';
      this.#reads.set(who, this.#readsOf(who) - 1);
    }
    this.#grant();
    return 'done';
  }

  releaseHold(held: Call): Outcome {
    const kind = this.#kinds.get(held) as Kind;
    const isLost = kind === 'write' && this.#writer !== held;
    return releaseOnce(held, () => (isLost ? 'ERR_NOT_HELD' : this.release(kind, held.step.who)));
  }

  state(): object {
    return { readers: this.#readers, writing: this.#writer !== undefined, waiting: this.#line.length };
  }

  holds(who: number): boolean {
    return this.#writer?.step.who === who || this.#readsOf(who) > 0;
  }

  rescue(): { verb: string; who: number } {
    if (this.#writer !== undefined) return { verb: 'releaseWrite', who: this.#writer.step.who };
    const [reader] = [...this.#reads].find(([, count]) => count > 0) ?? [0];
    return { verb: 'releaseRead', who: reader };
  }
}

const verbs: Readonly<Record<string, Verb<RwLock, RwLockModel>>> = {
  acquireRead: {
    weight: 8,
    do: (agent, step) => agent.object.acquireRead(optionsOf(agent, step) as object),
    expect: (model, call) => model.acquire('read', call),
  },
  acquireWrite: {
    weight: 6,
    do: (agent, step) => agent.object.acquireWrite(optionsOf(agent, step) as object),
    expect: (model, call) => model.acquire('write', call),
  },
  acquireReadSync: {
    weight: 3,
    blocks: true,
    do: (agent, step) => agent.object.acquireReadSync(optionsOf(agent, step) as object),
    expect: (model, call) => model.acquireSync('read', call),
  },
  acquireWriteSync: {
    weight: 3,
    blocks: true,
    do: (agent, step) => agent.object.acquireWriteSync(optionsOf(agent, step) as object),
    expect: (model, call) => model.acquireSync('write', call),
  },
  tryAcquireRead: {
    weight: 2,
    do: ({ object }) => object.tryAcquireRead(),
    expect(model, call) {
      call.step.bounds = 'zero';
      model.acquire('read', call);
    },
  },
  tryAcquireWrite: {
    weight: 2,
    do: ({ object }) => object.tryAcquireWrite(),
    expect(model, call) {
      call.step.bounds = 'zero';
      model.acquire('write', call);
    },
  },
  releaseHold: {
    weight: 12,
    about: 'held',
    do: (agent, { target }) => agent.holdOf(target).release(),
    expect(model, call, held) {
      call.outcome = model.releaseHold(held as Call);
    },
  },
  releaseRead: {
    weight: 1,
    do: ({ object }) => object.releaseRead(),
    expect(model, call) {
      call.outcome = model.release('read', call.step.who);
    },
  },
  releaseWrite: {
    weight: 1,
    do: ({ object }) => object.releaseWrite(),
    expect(model, call) {
      call.outcome = model.release('write', call.step.who);
    },
  },
  abort,
};

export const rwlockFamily: Family<RwLock, RwLockModel> = {
  variants: [0],
  shared: [0],
  bursts: true,
  mixed: true,
  make: (scope) => new RwLock({ scope }),
  model: () => new RwLockModel(),
  stateOf: (lock) => ({ readers: lock.readers, writing: lock.writing, waiting: waitersOf(lock) }),
  verbs,
};
