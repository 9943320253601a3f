/**
 * One of every lock and its kin, and what a worker does with them, for ever: for tests that kill it meanwhile.
 *
 * How it works  Each step uses one primitive in one form, and checks what it can see. Under a lock two numbers are raised one after
 *               the other: they differ exactly when somebody died in between, and then the lock has to say so. A worker notes
 *               what it is at and how often it has done it, so that whoever watches can name what does not go on.
 * @module
 */
import {
  Barrier,
  BoundedSemaphore,
  Condition,
  Event,
  type Hold,
  int32,
  Latch,
  Lock,
  RLock,
  RwLock,
  type ScopeOptions,
  Semaphore,
  SharedArray,
} from '../../src/index.ts';

/** Milliseconds after which something that should be had at once counts as lost. */
export const PATIENCE = 60_000;
/** What the latch has to count; more than a test can. */
export const COUNT = 0x7fff_ffff;
/** Permits of `permits` and `seats`. */
export const PERMITS = 2;

const WORKERS = 8;

const numbers = (length: number, scope: ScopeOptions['scope']) => new SharedArray(int32, length, { scope });
type Numbers = ReturnType<typeof numbers>;

/** The objects, and the notes of the workers. */
export interface Everything {
  readonly lock: Lock;
  readonly rlock: RLock;
  readonly table: RwLock;
  /** Its permits come back from the dead. */
  readonly permits: Semaphore;
  /** Its permits do not: a step adds one before it takes one. */
  readonly tokens: Semaphore;
  readonly seats: BoundedSemaphore;
  readonly condition: Condition;
  readonly event: Event;
  readonly barrier: Barrier;
  readonly latch: Latch;
  /** Two numbers for each lock. */
  readonly pairs: Numbers;
  /** For each worker: how often it did each step. */
  readonly passed: Numbers;
  /** For each worker: the step that it is at, from 1 on. */
  readonly doing: Numbers;
  /** For each worker: locks that it recovered. */
  readonly recovered: Numbers;
}

interface Worker {
  readonly all: Everything;
  readonly number: number;
}

type Step = (worker: Worker) => void | Promise<void>;

/** Places of the pairs. */
const LOCK = 0;
const RLOCK = 2;
const TABLE = 4;
const CONDITION = 6;

const codeOf = (error: unknown): unknown => (error as { readonly code?: unknown }).code;
const isTold = (error: unknown): boolean => codeOf(error) === 'ERR_OWNER_DIED';

function got(what: string, hold: Hold | false): Hold {
  if (hold === false) throw new Error(`${what} could not be had in ${PATIENCE} ms.`);
  return hold;
}

type Take<R> = (options: { readonly timeout: number; readonly recover?: boolean }) => R;

function takeSync(what: string, take: Take<Hold | false>, recover: Take<Hold | false> = take): Hold {
  try {
    return got(what, take({ timeout: PATIENCE }));
  } catch (error) {
    if (!isTold(error)) throw error;
    return got(what, recover({ timeout: PATIENCE, recover: true }));
  }
}

async function takeAsync(
  what: string,
  take: Take<Promise<Hold | false>>,
  recover: Take<Promise<Hold | false>> = take,
): Promise<Hold> {
  try {
    return got(what, await take({ timeout: PATIENCE }));
  } catch (error) {
    if (!isTold(error)) throw error;
    return got(what, await recover({ timeout: PATIENCE, recover: true }));
  }
}

function checkPair(what: string, pairs: Numbers, at: number): void {
  const [first, second] = [pairs[at], pairs[at + 1]];
  if (first === second) return;
  throw new Error(`${what}: ${first} and ${second}. Two were in it at once, or the death of one was not told.`);
}

/** What a lock guards is mended if need be, and then changed, with a moment in between in which it is half changed. */
function change(what: string, { all, number }: Worker, at: number, recovered: boolean): void {
  const { pairs } = all;
  if (recovered) {
    pairs[at + 1] = pairs[at] as number;
    all.recovered[number] = (all.recovered[number] as number) + 1;
  } else checkPair(what, pairs, at);
  const next = ((pairs[at] as number) + 1) & 0xffff;
  pairs[at] = next;
  for (let moment = 0; moment < 50; moment++)
    if (pairs[at] !== next) throw new Error(`${what}: two were in it at once.`);
  pairs[at + 1] = next;
}

function changeAndRelease(what: string, worker: Worker, at: number, hold: Hold): void {
  change(what, worker, at, hold.recovered);
  hold.release();
}

/** A wait that ended by a death: the lock is not held. */
async function mendCondition(worker: Worker, error: unknown): Promise<void> {
  if (!isTold(error)) throw error;
  const hold = await takeAsync('Condition', (options) => worker.all.condition.lock.acquire(options));
  changeAndRelease('Condition', worker, CONDITION, hold);
}

/** Whoever finds the barrier broken, by a death or by time, makes it usable again. */
function mendBarrier({ all: { barrier } }: Worker, error: unknown): void {
  // Time was up: while this round was waited for, which breaks it, or while the round before was still being left, which does not.
  if (codeOf(error) !== 'ERR_BROKEN_BARRIER' && codeOf(error) !== 'ERR_TIMEOUT') throw error;
  if (barrier.broken) barrier.reset();
}

/** What a worker does in turn, each under the name of its primitive. */
const stepTable: Readonly<Record<string, Step>> = {
  'Lock.acquireSync': (worker) => {
    const hold = takeSync('Lock', (options) => worker.all.lock.acquireSync(options));
    changeAndRelease('Lock', worker, LOCK, hold);
  },
  'Lock.acquire': async (worker) => {
    const hold = await takeAsync('Lock', (options) => worker.all.lock.acquire(options));
    await null;
    changeAndRelease('Lock', worker, LOCK, hold);
  },
  'RLock.acquireSync': (worker) => {
    const { rlock } = worker.all;
    const hold = takeSync('RLock', (options) => rlock.acquireSync(options));
    const inner = rlock.acquireSync();
    change('RLock', worker, RLOCK, hold.recovered);
    inner.release();
    hold.release();
  },
  'RLock.acquire': async (worker) => {
    const { rlock } = worker.all;
    const hold = await takeAsync('RLock', (options) => rlock.acquire(options));
    await null;
    changeAndRelease('RLock', worker, RLOCK, hold);
  },
  'RwLock.acquireReadSync': (worker) => {
    const { table, pairs } = worker.all;
    const read: Take<Hold | false> = (options) => table.acquireReadSync(options);
    const hold = takeSync('RwLock (read)', read, (options) => table.acquireWriteSync(options));
    if (table.writing) changeAndRelease('RwLock (mending)', worker, TABLE, hold);
    else {
      checkPair('RwLock (read)', pairs, TABLE);
      hold.release();
    }
  },
  'RwLock.acquireRead': async (worker) => {
    const { table, pairs } = worker.all;
    const read: Take<Promise<Hold | false>> = (options) => table.acquireRead(options);
    const hold = await takeAsync('RwLock (read)', read, (options) => table.acquireWrite(options));
    if (table.writing) changeAndRelease('RwLock (mending)', worker, TABLE, hold);
    else {
      await null;
      checkPair('RwLock (read)', pairs, TABLE);
      hold.release();
    }
  },
  'RwLock.acquireWriteSync': (worker) => {
    const hold = takeSync('RwLock (write)', (options) => worker.all.table.acquireWriteSync(options));
    changeAndRelease('RwLock (write)', worker, TABLE, hold);
  },
  'RwLock.acquireWrite': async (worker) => {
    const hold = await takeAsync('RwLock (write)', (options) => worker.all.table.acquireWrite(options));
    await null;
    changeAndRelease('RwLock (write)', worker, TABLE, hold);
  },
  'Semaphore.acquireSync': ({ all: { permits, tokens } }) => {
    const permit = got('Semaphore', permits.acquireSync({ timeout: PATIENCE }));
    tokens.release();
    got('Semaphore (of tokens)', tokens.acquireSync({ timeout: PATIENCE }));
    permit.release();
  },
  'Semaphore.acquire': async ({ all: { permits, tokens } }) => {
    const permit = got('Semaphore', await permits.acquire({ timeout: PATIENCE }));
    tokens.release();
    got('Semaphore (of tokens)', await tokens.acquire({ timeout: PATIENCE }));
    permit.release();
  },
  'BoundedSemaphore.acquireSync': ({ all: { seats } }) =>
    got('BoundedSemaphore', seats.acquireSync({ timeout: PATIENCE })).release(),
  'BoundedSemaphore.acquire': async ({ all: { seats } }) => {
    const seat = got('BoundedSemaphore', await seats.acquire({ timeout: PATIENCE }));
    await null;
    seat.release();
  },
  'Condition.waitSync': (worker) => {
    const { condition } = worker.all;
    const hold = takeSync('Condition', (options) => condition.acquireSync(options));
    change('Condition', worker, CONDITION, hold.recovered);
    condition.notify();
    try {
      condition.waitSync({ timeout: 2 });
    } catch (error) {
      return mendCondition(worker, error);
    }
    change('Condition', worker, CONDITION, false);
    hold.release();
    return undefined;
  },
  'Condition.wait': async (worker) => {
    const { condition } = worker.all;
    const hold = await takeAsync('Condition', (options) => condition.acquire(options));
    change('Condition', worker, CONDITION, hold.recovered);
    condition.notifyAll();
    try {
      await condition.wait({ timeout: 2 });
    } catch (error) {
      await mendCondition(worker, error);
      return;
    }
    change('Condition', worker, CONDITION, false);
    hold.release();
  },
  'Event.waitSync': ({ all: { event } }) => {
    event.waitSync({ timeout: 1 });
    event.set();
    event.clear();
  },
  'Event.wait': async ({ all: { event } }) => {
    const waiting = event.wait({ timeout: PATIENCE });
    event.set();
    event.clear();
    if (!(await waiting)) throw new Error('Event: it was set, and a wait did not end.');
  },
  'Barrier.waitSync': (worker) => {
    try {
      worker.all.barrier.waitSync({ timeout: 20 });
    } catch (error) {
      mendBarrier(worker, error);
    }
  },
  'Barrier.wait': async (worker) => {
    try {
      await worker.all.barrier.wait({ timeout: 20 });
    } catch (error) {
      mendBarrier(worker, error);
    }
  },
  'Latch.waitSync': ({ all: { latch } }) => {
    latch.countDown();
    if (latch.waitSync({ timeout: 0.2 })) throw new Error('Latch: it let pass before it had counted.');
  },
  'Latch.wait': async ({ all: { latch } }) => {
    latch.countDown();
    if (await latch.wait({ timeout: 0.2 })) throw new Error('Latch: it let pass before it had counted.');
  },
};

/** Names of the steps; each begins with that of its primitive. */
export const stepNames: readonly string[] = Object.keys(stepTable);

const steps = Object.values(stepTable);

/** One of everything. */
export function oneOfEverything(scope: NonNullable<ScopeOptions['scope']>): Everything {
  return {
    lock: new Lock({ scope }),
    rlock: new RLock({ scope }),
    table: new RwLock({ scope }),
    permits: new Semaphore(PERMITS, { scope, reclaim: true }),
    tokens: new Semaphore(1, { scope }),
    seats: new BoundedSemaphore(PERMITS, { scope }),
    condition: new Condition({ scope }),
    event: new Event({ scope }),
    barrier: new Barrier(2, { scope }),
    latch: new Latch(COUNT, { scope }),
    pairs: numbers(8, scope),
    passed: numbers(WORKERS * steps.length, scope),
    doing: numbers(WORKERS, scope),
    recovered: numbers(WORKERS, scope),
  };
}

/** How often a worker has done a step. */
export const timesPassed = (all: Everything, number: number, step: number): number =>
  all.passed[number * steps.length + step] as number;

/** Does every step for ever, beginning with one of them; ends by an error only. */
export async function useEverything(all: Everything, number: number, first: number): Promise<never> {
  const worker = { all, number };
  for (let step = first % steps.length; ; step = (step + 1) % steps.length) {
    all.doing[number] = step + 1;
    try {
      await (steps[step] as Step)(worker);
    } catch (error) {
      throw new Error(`${stepNames[step]} failed: ${(error as Error).message}`, { cause: error });
    }
    const place = number * steps.length + step;
    all.passed[place] = (all.passed[place] as number) + 1;
  }
}
