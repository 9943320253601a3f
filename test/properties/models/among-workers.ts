/**
 * Scenarios among threads and processes: three agents, one of them here, do a step each in turn, and may block in it.
 *
 * How it works  After a step nothing goes on until everything is as the model says, promises and blocked threads of all agents
 *               included; so what comes next does not depend on who is faster.
 * @module
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { Process, Semaphore, Thread } from '../../../src/index.ts';
import { Agent } from './agent.ts';
import { type FamilyName, familyOf } from './families.ts';
import type { Family } from './family.ts';
import { fromNumber, type Outcome, plainOutcome } from './outcome.ts';
import { type RawStep, rawSteps, Scenario } from './scenario.ts';
import type { Step } from './step.ts';
import { giveOrder, numbers, ORDER, type Seat, serve, WIDTH } from './worker-agent.ts';

const RUNS = Math.ceil(Number(process.env['MANYHANDS_RUNS'] ?? 150) / 15);
const STEPS = 40;
/** Milliseconds after which what should happen at once counts as lost. */
const PATIENCE = 60_000;
const OBJECTS = 50;

type Scope = 'thread' | 'process';

/** In process scope, a thread of this process takes part as well. */
const crews = { thread: [Thread, Thread], process: [Process, Thread] } as const;

/** Agents, and objects that they share: one for each scenario. */
class Crew {
  readonly #family: Family;
  readonly #seats: readonly Seat[];
  readonly #workers: readonly (Thread | Process)[];
  readonly #objects: readonly object[];
  readonly #outcomes: Seat['outcomes'];
  #used = 0;

  constructor(name: FamilyName, scope: Scope) {
    const family = familyOf(name);
    this.#family = family;
    this.#objects = Array.from({ length: OBJECTS }, (_, i) => family.make(scope, variantOf(family, i)));
    this.#outcomes = numbers(OBJECTS * WIDTH, scope);
    this.#seats = crews[scope].map((_, i) => ({
      name,
      number: i + 1,
      objects: this.#objects,
      up: new Semaphore(0, { scope }),
      go: new Semaphore(0, { scope }),
      order: numbers(ORDER, scope),
      outcomes: this.#outcomes,
    }));
    this.#workers = crews[scope].map((Worker, i) => new Worker(serve, [this.#seats[i] as Seat]));
    for (const worker of this.#workers) worker.start();
  }

  get isUsedUp(): boolean {
    return this.#used === OBJECTS;
  }

  /** Plays a scenario with the next object. */
  async play(steps: readonly RawStep[]): Promise<void> {
    if (this.#used === 0) for (const { up } of this.#seats) await up.acquire(); // however long that takes
    const at = this.#used;
    this.#used += 1;
    const object = this.#objects[at] as object;
    const scenario = new Scenario(this.#family, variantOf(this.#family, at), 1 + this.#seats.length);
    const own: Outcome[] = [];
    const here = new Agent<object>(this.#family.verbs, (id, outcome) => void (own[id] = outcome));
    here.object = object;
    const done: string[] = [];
    const observed = (): Outcome[] =>
      scenario.calls.map(({ step: { id, who } }) =>
        who === 0 ? (own[id] ?? 'waits') : fromNumber(this.#outcomes[at * WIDTH + id] ?? 0),
      );
    const perform = async (step: Step): Promise<void> => {
      done.push(JSON.stringify(step));
      if (step.who === 0) here.perform(step);
      else giveOrder(this.#seats[step.who - 1] as Seat, at, step);
      await this.#untilAgreed(scenario, object, observed, done);
    };
    for (const raw of steps) {
      const step = scenario.next(raw, observed());
      if (step !== undefined) await perform(step);
    }
    for (const step of scenario.lastSteps()) await perform(step);
    const { given, wanted } = scenario.rounds(observed());
    assert.deepEqual(given, wanted, done.join('\n'));
  }

  async #untilAgreed(
    scenario: Scenario,
    object: object,
    observed: () => Outcome[],
    done: readonly string[],
  ): Promise<void> {
    const expected = (): unknown[] => [scenario.calls.map(({ outcome }) => outcome), scenario.model.state()];
    const end = performance.now() + PATIENCE;
    const look = (): unknown[] => [observed().map(plainOutcome), this.#family.stateOf(object)];
    while (!isDeepStrictEqual(triedTo(look), expected())) {
      const seen = observed();
      const sooner = scenario.calls.find(
        ({ outcome, step: { id } }) => outcome === 'waits' && seen[id] !== 'waits' && seen[id] !== 'not begun',
      );
      if (sooner !== undefined) scenario.model.tookInstead?.(sooner);
      if (performance.now() > end) return assert.deepEqual(look(), expected(), done.join('\n'));
      await new Promise((resolve) => setImmediate(resolve)); // nobody is told when somebody lies down to sleep
    }
    return undefined;
  }

  async end(): Promise<void> {
    const ends = Promise.allSettled(this.#workers.map((worker) => worker.join()));
    await Promise.all(this.#workers.map((worker) => worker.kill()));
    await ends;
  }
}

const variantOf = ({ shared }: Family, i: number): number => shared[i % shared.length] as number;

/** What an object says of itself may change while it is asked, and then not be whole. */
function triedTo<R>(look: () => R): R | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}

/** Compares random scenarios with the model, in both scopes. */
export function agreesAmongWorkers(name: FamilyName): void {
  describe(`${name} and a plain model, among workers`, () => {
    for (const scope of ['thread', 'process'] as const) {
      const skip = scope === 'process' && process.platform !== 'linux';
      test(`${name}: whatever is done, scope ${scope}`, { skip }, async () => {
        let crew = new Crew(name, scope);
        const renew = async (): Promise<void> => {
          await crew.end();
          crew = new Crew(name, scope);
        };
        const play = async (steps: readonly RawStep[]): Promise<void> => {
          if (crew.isUsedUp) await renew();
          try {
            await crew.play(steps);
          } catch (error) {
            await renew(); // some may be blocked for ever
            throw error;
          }
        };
        try {
          await fc.assert(fc.asyncProperty(rawSteps(familyOf(name), false, STEPS), play), {
            numRuns: RUNS,
            includeErrorInReport: true,
            endOnFailure: true, // a smaller scenario would be about another object, and each that fails takes its time
          });
        } finally {
          await crew.end();
        }
      });
    }
  });
}
