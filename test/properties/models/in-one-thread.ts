/**
 * Scenarios in one thread: after each step the object says of itself what the model says, and each promise has come to what it should.
 *
 * How it works  Nothing waits for real time: timers and the clock are the scenario's. Promises of this thread are served within the
 *               call that serves them, so that what they come to is known once the microtasks are done.
 * @module
 */
import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import { describe, mock, test } from 'node:test';
import fc from 'fast-check';
import { Agent } from './agent.ts';
import { type Outcome, plainOutcome } from './outcome.ts';
import { EXPIRE, type RawStep, rawSteps, Scenario } from './scenario.ts';
import { type FamilyName, familyOf } from './families.ts';
import type { Family } from './family.ts';
import type { Step } from './step.ts';

const RUNS = Number(process.env['MANYHANDS_RUNS'] ?? 150);
const STEPS = 60;

type Scope = 'thread' | 'process';

/** Compares random scenarios with the model, in both scopes. */
export function agreesInOneThread(name: FamilyName): void {
  const family = familyOf(name);
  describe(`${name} and a plain model, in one thread`, () => {
    for (const scope of ['thread', 'process'] as const) {
      test(
        `${name}: whatever is done, scope ${scope}`,
        { skip: scope === 'process' && process.platform !== 'linux' },
        () =>
          fc.assert(
            fc.asyncProperty(fc.constantFrom(...family.variants), rawSteps(family, true, STEPS), (variant, steps) =>
              play(family, scope, variant, steps),
            ),
            { numRuns: RUNS, includeErrorInReport: true },
          ),
      );
    }
  });
}

async function play(family: Family, scope: Scope, variant: number, steps: readonly RawStep[]): Promise<void> {
  const scenario = new Scenario(family, variant, 1);
  mock.timers.enable({ apis: ['setTimeout'] });
  const clock = mock.method(performance, 'now', () => scenario.now);
  try {
    await playSteps(family, scope, variant, steps, scenario);
  } finally {
    clock.mock.restore();
    mock.timers.reset();
  }
}

async function playSteps(
  family: Family,
  scope: Scope,
  variant: number,
  steps: readonly RawStep[],
  scenario: Scenario,
): Promise<void> {
  const observed: Outcome[] = [];
  const order: number[] = [];
  const done: string[] = [];
  const agent = new Agent<object>(family.verbs, (id, outcome) => {
    observed[id] = outcome;
    if (outcome === 'held') order.push(id);
  });
  agent.object = family.make(scope, variant, agent);
  const agree = (actual: unknown, expected: unknown): void => {
    if (!isDeepStrictEqual(actual, expected)) assert.deepEqual(actual, expected, done.join('\n'));
  };
  /** Calls from before the last rest: their promises are equally deep. */
  let earlier = 0;
  const rest = async (): Promise<void> => {
    await new Promise((resolve) => setImmediate(resolve));
    agree(
      scenario.calls.map(({ step: { id } }) => plainOutcome(observed[id] ?? 'waits')),
      scenario.calls.map(({ outcome }) => outcome),
    );
    agree(
      order.filter((id) => id < earlier),
      scenario.order.filter((id) => id < earlier),
    );
    order.length = 0;
    scenario.order.length = 0;
    earlier = scenario.calls.length;
  };
  for (const raw of steps) {
    let step: Step | undefined;
    // What is said of a promise that has been given something, and not been told, is that nobody else has it; no more.
    if (raw.within !== undefined || raw.verb.startsWith('release')) await rest();
    if (raw.verb === EXPIRE) {
      const passed = scenario.expire();
      if (passed === 0) continue;
      done.push(`${passed} ms pass`);
      mock.timers.tick(passed);
    } else {
      step = scenario.next(raw, observed);
      if (step === undefined) continue;
      agent.perform(step);
      done.push(`${step.id} ${step.verb} ${JSON.stringify({ ...step, id: undefined, verb: undefined })}`);
    }
    if (!family.bursts || raw.rest || step?.verb === 'finish') await rest();
    agree(family.stateOf(agent.object), scenario.model.state());
  }
  await rest(); // as before a release
  for (const step of scenario.lastSteps()) {
    agent.perform(step);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await rest();
  const { given, wanted } = scenario.rounds(observed);
  agree(given, wanted);
}
