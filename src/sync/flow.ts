/**
 * Flows: which chain of calls and awaits is running, where somebody has marked one.
 *
 * How it works  Each `run` of a lock marks everything that its function does, awaits included, by `AsyncLocalStorage`. That is the
 *               only way to tell two async functions of one thread apart: they share the thread, and V8 does not name them. A `run`
 *               within another one is a flow of its own, and knows the one around it: two that are started side by side are two,
 *               and each is part of what has started them.
 *               Nothing is stored, and nothing is looked up, before the first `run`.
 * Invariants    1. A flow is over when its `run` is. What it has left behind, in timers and unawaited promises, then counts as part
 *                  of the next flow around it that still runs, or of none.
 *               2. What is noted in shared words is a number; which flows are around it only its own thread knows.
 *               3. A flow that is over is not kept by those that it has started.
 * @module
 */
import { AsyncLocalStorage } from 'node:async_hooks';

/** A chain of calls and awaits. */
export interface Flow {
  /** 1 or more; another one for each of those that run. */
  readonly number: number;
  /** The flow in which it was started, if there is one. */
  around: Flow | undefined;
  /** Whether its `run` holds what it is for. */
  holds: boolean;
}

const LAST = 0x7fff_ffff;

let storage: AsyncLocalStorage<Flow> | undefined;
let flows = 0;
const running = new Map<number, Flow>();

/** The number of a flow that runs; not of one that is over, nor of a hold that belongs to none. */
export const isRunning = (flow: number): boolean => running.has(flow);

/** The first of a flow and those around it that runs. */
function firstRunning(from: Flow | undefined): Flow | undefined {
  let flow = from;
  while (flow !== undefined && running.get(flow.number) !== flow) flow = flow.around;
  return flow;
}

/** The flow around one that runs. */
function nextAround(flow: Flow): Flow | undefined {
  flow.around = firstRunning(flow.around);
  return flow.around;
}

/** The running flow, if there is one. */
export const thisFlow = (): Flow | undefined => (storage === undefined ? undefined : firstRunning(storage.getStore()));

/** The number of the running flow; 0 outside of every `run`. */
export const currentFlow = (): number => thisFlow()?.number ?? 0;

/** A flow and those around it that run, the innermost first. */
export function outwards(from: Flow): Flow[] {
  const found: Flow[] = [];
  for (let flow = firstRunning(from); flow !== undefined; flow = nextAround(flow)) found.push(flow);
  return found;
}

/** Whether what runs now is part of the flow of that number, directly or by flows that it has started. */
export function isWithin(number: number): boolean {
  if (number <= 0) return false;
  for (let flow = thisFlow(); flow !== undefined; flow = nextAround(flow)) if (flow.number === number) return true;
  return false;
}

/** Runs a function as a flow within the one around it; it is over when `endFlow` is called. */
export function inFlow<T>(fn: (flow: Flow) => T): T {
  storage ??= new AsyncLocalStorage();
  const around = thisFlow();
  if (around !== undefined) nextAround(around);
  do flows = flows === LAST ? 1 : flows + 1;
  while (running.has(flows));
  const flow: Flow = { number: flows, around, holds: false };
  running.set(flow.number, flow);
  return storage.run(flow, () => fn(flow));
}

/** The `run` of a flow is over. */
export const endFlow = ({ number }: Flow): void => void running.delete(number);
