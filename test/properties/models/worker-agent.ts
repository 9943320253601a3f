/**
 * An agent in a worker: does the steps that it is ordered, one at a time, and notes what they come to.
 * @module
 */
import { int32, type ScopeOptions, type Semaphore, SharedArray } from '../../../src/index.ts';
import { Agent } from './agent.ts';
import { type FamilyName, familyOf } from './families.ts';
import { toNumber } from './outcome.ts';
import { BOUNDS, type Step } from './step.ts';

/** So many shared numbers. */
export const numbers = (length: number, scope: ScopeOptions['scope']) => new SharedArray(int32, length, { scope });
type Numbers = ReturnType<typeof numbers>;

/** Most steps about one object. */
export const WIDTH = 128;
/** Numbers of an order. */
export const ORDER = 8;

/** What a worker is given. */
export interface Seat {
  readonly name: FamilyName;
  readonly number: number;
  readonly objects: readonly object[];
  /** A permit once the worker has started. */
  readonly up: Semaphore;
  /** One permit an order. */
  readonly go: Semaphore;
  readonly order: Numbers;
  /** What the steps about each object have come to. */
  readonly outcomes: Numbers;
}

/** Writes an order, and has it carried out. */
export function giveOrder({ name, go, order }: Seat, object: number, step: Step): void {
  const verb = Object.keys(familyOf(name).verbs).indexOf(step.verb);
  const { id, target, within, flow, bounds, count } = step;
  for (const [i, number] of [object, verb, id, target, within, flow, BOUNDS.indexOf(bounds), count].entries())
    order[i] = number;
  go.release();
}

function readOrder({ name, number, order }: Seat): { readonly object: number; readonly step: Step } {
  const [object = 0, verb = 0, id = 0, target = 0, within = 0, flow = 0, bounds = 0, count = 0] = order;
  const verbs = Object.keys(familyOf(name).verbs);
  const step = { id, target, within, flow, flows: [], count, who: number, mayBlock: true };
  return { object, step: { ...step, verb: verbs[verb] ?? '', bounds: BOUNDS[bounds] ?? 'endless' } };
}

/** Carries out orders for as long as the worker lives. */
export async function serve(seat: Seat): Promise<never> {
  seat.up.release();
  const { verbs } = familyOf(seat.name);
  let at = -1;
  let agent: Agent<object> | undefined;
  for (;;) {
    await seat.go.acquire();
    const { object, step } = readOrder(seat);
    if (agent === undefined || object !== at) {
      at = object;
      agent = new Agent(verbs, (id, outcome) => {
        seat.outcomes[object * WIDTH + id] = toNumber(outcome);
      });
      agent.object = seat.objects[object] as object;
    }
    seat.outcomes[object * WIDTH + step.id] = toNumber('waits');
    agent.perform(step);
  }
}
