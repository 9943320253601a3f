/**
 * A worker that follows a random script at its own pace, among others that do the same with the same objects.
 *
 * How it works  Nobody says what a step comes to, as that depends on who is faster. Whoever is inside of something counts itself in
 *               and out by atomic additions, raises plain numbers under locks, and notes for itself how often it has had what; the
 *               notes are added up when all have finished.
 * Invariants    1. What is held is taken in one order, and nothing else is waited for without end while it is held.
 *               2. A thread that may block for long has no promise at work.
 *               3. So no wait without end is one for ever, and there is no deadlock to be told of.
 * @module
 */
import {
  type Barrier,
  type Condition,
  type Event,
  type int32,
  type Latch,
  RLock,
  type Value,
} from '../../../src/index.ts';
import {
  attempt,
  busy,
  codeOf,
  type Door,
  type DoorName,
  doorsOf,
  isSure,
  ITEMS,
  lettersTo,
  LONG,
  type Mail,
  MAIL,
  type Moment,
  PERMITS,
  placeOf,
  ROOM,
  type Script,
  SHOP,
  type Step,
  type Take,
  type Wait,
  WORKERS,
  type World,
} from './free-world.ts';

/** Milliseconds that are enough for the deadlock watch to look at whoever waits. */
const SLOW = 25;
/** What a writer counts for, in the number of those inside. */
const WRITER = 1000;

const moments: Readonly<Record<Moment, () => unknown>> = {
  none: () => undefined,
  microtask: () => Promise.resolve(),
  turn: () => new Promise((resolve) => setImmediate(resolve)),
  busy,
  slow: () => new Promise((resolve) => setTimeout(resolve, SLOW)),
};

const isShared = (door: DoorName): boolean => placeOf(door) >= 3 && door !== 'inner Lock';

/** One worker in one run. */
class Follower {
  readonly #world: World;
  readonly #me: number;
  readonly #script: Script;
  readonly #doors: Readonly<Record<DoorName, Door>>;
  /** Holds that go on alongside of the steps. */
  readonly #alongside = new Set<Promise<void>>();
  #failure: unknown;
  #put = 0;

  constructor(world: World, me: number, script: Script) {
    this.#world = world;
    this.#me = me;
    this.#script = script;
    this.#doors = doorsOf(world);
  }

  async follow(): Promise<void> {
    const { steps, latch } = this.#script;
    const { at } = this.#world.notes;
    this.#meeting.waitSync(); // the common start
    for (const [i, step] of steps.entries()) {
      at[this.#me] = i + 1;
      if (mayBlockForLong(step)) await this.#quiet();
      await this.#do(step);
      if (this.#failure !== undefined) throw this.#failure;
    }
    await this.#quiet();
    at[this.#me] = steps.length + 1;
    const pulsed = this.#world.flag.wait(); // begun before the latch opens, and the flag is set after that
    this.#world.latches[latch]?.countDown();
    await this.#close(pulsed);
  }

  get #meeting(): Barrier {
    return this.#world.meetings[this.#script.workers - WORKERS + 1] as Barrier;
  }

  /** Nothing goes on alongside. */
  async #quiet(): Promise<void> {
    await Promise.all(this.#alongside);
    if (this.#failure !== undefined) throw this.#failure;
  }

  async #do(step: Step): Promise<unknown> {
    const { latches, notes } = this.#world;
    switch (step.do) {
      case 'hold': {
        const holding = this.#hold(step.takes, step.moment);
        if (!step.alongside) return holding;
        const noted = holding
          .catch((error: unknown) => (this.#failure ??= error))
          .then(() => void this.#alongside.delete(noted));
        return void this.#alongside.add(noted);
      }
      case 'send':
        return this.#send(step.by, step.to);
      case 'receive': {
        if (!(await this.#receive(step.by, step.wait))) return undefined;
        const at = MAIL.indexOf(step.by) * WORKERS + this.#me;
        notes.received[at] = (notes.received[at] as number) + 1;
        return this.#check(lettersTo(this.#world, step.by, this.#me) >= 0, 'A letter came that nobody has sent.');
      }
      case 'put':
      case 'take':
        return this.#move(step.do, step.wait);
      case 'busy':
        return busy();
      case 'countDown':
        return latches[this.#script.latch]?.countDown();
      case 'latch':
        return this.#awaitLatch(step.wait);
      case 'pulse':
        return this.#pulse(step.wait);
      case 'pair':
        return this.#pair(step.wait, step.breaks);
      case 'meet':
        return this.#meet(step.wait, step.round);
    }
  }

  #check(holds: boolean, failure: string): void {
    if (!holds) throw new Error(failure);
  }

  /** Takes one after the other, stays for a moment, and gives them back. */
  async #hold([take, ...others]: readonly Take[], moment: Moment): Promise<void> {
    if (take === undefined) return void (await moments[moment]());
    const { door, form } = take;
    const inside = (): Promise<true> => this.#inside(take, () => this.#hold(others, moment));
    const { [door]: object } = this.#doors;
    if (form === 'run') return void (await attempt(take, (options) => object.run(inside, options)));
    const hold = await attempt(take, (options) => {
      if (form === 'try') return object.tryAcquire();
      return form === 'sync' ? object.acquireSync(options) : object.acquire(options);
    });
    if (hold === false) return undefined;
    await inside();
    return hold.release();
  }

  async #inside({ door, form, again }: Take, fn: () => Promise<void>): Promise<true> {
    const { rlock, permits, notes } = this.#world;
    const place = placeOf(door);
    const leave = this.#enter(
      door === 'write' ? WRITER : 1,
      place,
      isShared(door) ? PERMITS : door === 'read' ? WRITER : 1,
    );
    if (door === 'Semaphore') this.#check(permits.value < PERMITS, 'There are permits that nobody has given back.');
    const raised = notes.raised[place] as number;
    if (door === 'RLock' && again && form !== 'promise') {
      const { level } = rlock;
      const inner = form === 'run' ? await rlock.acquire() : rlock.acquireSync();
      this.#check(level === 1 && rlock.level === 2, `An RLock is held at ${level}, then ${rlock.level} levels.`);
      await fn();
      inner.release();
      this.#check(rlock.level === 1, `An RLock is held at ${rlock.level} levels instead of 1.`);
    } else await fn();
    if (!isShared(door)) this.#check(notes.raised[place] === raised, `${door}: somebody changed what it guards.`);
    if (!isShared(door) && door !== 'read') this.#raise(place);
    leave();
    return true;
  }

  /** Counts itself in. @returns counts it out */
  #enter(weight: number, place: number, limit: number): () => void {
    const inside = this.#world.notes.inside[place] as Value<typeof int32>;
    const others = inside.add(weight);
    this.#check(
      weight === 1 ? others < limit : others === 0,
      `Place ${place} was entered while ${others} were inside.`,
    );
    return () => void inside.add(-weight);
  }

  #raise(place: number): void {
    const { raised, had } = this.#world.notes;
    raised[place] = (raised[place] as number) + 1;
    const at = place * WORKERS + this.#me;
    had[at] = (had[at] as number) + 1;
  }

  /** Under the lock of a condition: waits for something, and then does something. */
  async #when(
    condition: Condition,
    place: number,
    wait: Wait,
    holds: () => boolean,
    act: () => void,
    again = false,
  ): Promise<boolean> {
    const { lock } = condition;
    const look = (): boolean => {
      const leave = this.#enter(1, place, 1);
      const result = holds();
      leave();
      return result;
    };
    const under = async (): Promise<boolean> => {
      const inner = again && lock instanceof RLock ? lock.acquireSync() : undefined;
      const found = await attempt(wait, (options) =>
        wait.form === 'sync' ? condition.waitForSync(look, options) : condition.waitFor(look, options),
      );
      if (lock instanceof RLock)
        this.#check(lock.level === (inner === undefined ? 1 : 2), 'A wait changed the levels.');
      const leave = this.#enter(1, place, 1);
      if (found) act();
      leave();
      inner?.release();
      return found;
    };
    if (wait.form === 'run') return condition.run(under);
    const hold = wait.form === 'sync' ? condition.acquireSync() : await condition.acquire();
    const found = await under();
    hold.release();
    return found;
  }

  async #move(what: 'put' | 'take', wait: Wait): Promise<boolean> {
    const { notFull, notEmpty, notes } = this.#world;
    const { buffer, seen, put, taken } = notes;
    const count = (): number => (buffer[1] as number) - (buffer[0] as number);
    const note = (mine: typeof put): void => {
      mine[this.#me] = (mine[this.#me] as number) + 1;
      this.#raise(SHOP);
    };
    if (what === 'put') {
      return this.#when(notFull, SHOP, wait, () => count() < ROOM, () => {
        buffer[2 + ((buffer[1] as number) % ROOM)] = this.#me * ITEMS + this.#put++;
        buffer[1] = (buffer[1] as number) + 1;
        note(put);
        notEmpty.notify();
      }); // biome-ignore format: shorter
    }
    return this.#when(notEmpty, SHOP, wait, () => count() > 0, () => {
      const item = buffer[2 + ((buffer[0] as number) % ROOM)] as number;
      buffer[0] = (buffer[0] as number) + 1;
      seen[item] = (seen[item] as number) + 1;
      note(taken);
      notFull.notify();
    }); // biome-ignore format: shorter
  }

  async #send(by: Mail, to: number): Promise<void> {
    const { tokens, boxes, bells, notes } = this.#world;
    const note = (): void => {
      const at = (MAIL.indexOf(by) * WORKERS + to) * WORKERS + this.#me;
      notes.sent[at] = (notes.sent[at] as number) + 1;
    };
    if (by === 'Condition') {
      const box = boxes[to] as Condition;
      await box.run(() => {
        note();
        box.notify();
      });
      return;
    }
    note();
    if (by === 'Semaphore') tokens[to]?.release();
    else bells[to]?.set();
  }

  async #receive(by: Mail, wait: Wait): Promise<boolean> {
    const { tokens, boxes, bells } = this.#world;
    const has = (): boolean => lettersTo(this.#world, by, this.#me) > 0;
    const isSync = wait.form === 'sync';
    if (by === 'Semaphore') {
      const token = tokens[this.#me] as Door;
      return Boolean(await attempt(wait, (options) => (isSync ? token.acquireSync(options) : token.acquire(options))));
    }
    if (by === 'Condition') {
      const again = wait.form !== 'promise' && wait.time % 2 === 0;
      return this.#when(boxes[this.#me] as Condition, SHOP + 1 + this.#me, wait, has, () => undefined, again);
    }
    const bell = bells[this.#me] as Event;
    for (;;) {
      bell.clear();
      if (has()) return true;
      if (!(await attempt(wait, (options) => (isSync ? bell.waitSync(options) : bell.wait(options))))) return false;
    }
  }

  async #awaitLatch(wait: Wait): Promise<void> {
    const latch = this.#world.latches[this.#script.latch] as Latch;
    const passed = await attempt(wait, (options) =>
      wait.form === 'sync' ? latch.waitSync(options) : latch.wait(options),
    );
    if (passed) this.#check(latch.count === 0, 'A latch let pass before it had counted.');
  }

  /** Whoever waits hears of a flag that is set and cleared at once. */
  async #pulse(wait: Wait): Promise<void> {
    const { flag } = this.#world;
    const own = flag.wait({ timeout: LONG });
    flag.set();
    flag.clear();
    this.#check(await own, 'An event was set and cleared at once, and a wait for it did not end.');
    await attempt(wait, (options) => (wait.form === 'sync' ? flag.waitSync(options) : flag.wait(options)));
  }

  /** A barrier that is broken time and again. */
  async #pair(wait: Wait, breaks: boolean): Promise<void> {
    const { pair } = this.#world;
    if (breaks) pair.abort();
    try {
      const number = await attempt(wait, (options) =>
        wait.form === 'sync' ? pair.waitSync(options) : pair.wait(options),
      );
      // No more can be said: whoever gives up while the last one is about to open lets it go on alone, as in asyncio.
      this.#check(number === false || number === 0 || number === 1, `A pair has no number ${number}.`);
    } catch (error) {
      const isEarly = codeOf(error) === 'ERR_TIMEOUT' && (wait.bounds === 'brief' || wait.bounds === 'zero'); // the round before is not over
      if (codeOf(error) !== 'ERR_BROKEN_BARRIER' && !isEarly) throw error;
      if (pair.broken) pair.reset();
    }
  }

  async #meet(wait: Wait, round: number): Promise<void> {
    const { arrivals, rounds } = this.#world.notes;
    const mine = (arrivals[this.#me] as number) + 1;
    arrivals[this.#me] = mine;
    const meeting = this.#meeting;
    const number = await attempt(wait, (o) => (wait.form === 'sync' ? meeting.waitSync(o) : meeting.wait(o)));
    const others = [...arrivals.slice(0, this.#script.workers)];
    this.#check(
      others.every((other) => other === mine || other === mine + 1),
      `Met at ${mine}, and not all: ${others.join()}.`,
    );
    rounds[round * WORKERS + this.#me] = Number(number) + 1;
  }

  /** All have counted down or will, as many items are put as are taken: all waits end. */
  async #close(pulsed: Promise<unknown>): Promise<void> {
    const { closing, latch } = this.#script;
    const { flag, latches } = this.#world;
    await latches[latch]?.wait();
    flag.set();
    flag.clear();
    await pulsed;
    let left = closing.items;
    const move = async (): Promise<void> => {
      for (let turn = 0; left > 0; turn++) {
        const wait = closing.waits[turn % closing.waits.length] as Wait;
        left -= 1;
        const form = closing.alongside && wait.form === 'sync' ? 'promise' : wait.form;
        const bounds = turn < 2 * closing.waits.length ? wait.bounds : 'endless';
        if (!(await this.#move(closing.do, { ...wait, form, bounds }))) left += 1;
        busy();
      }
    };
    await Promise.all(closing.alongside ? [move(), move()] : [move()]);
  }
}

/** An RLock that another async function of the thread holds refuses to block for it before it looks at the signal. */
const refusesFirst = ({ door, bounds }: Take): boolean => door === 'RLock' && bounds === 'given';

/** Whether it blocks its thread for as long as it takes somebody else to do something. */
function mayBlockForLong(step: Step): boolean {
  if (step.do === 'hold')
    return step.takes.some((take) => take.form === 'sync' && (isSure(take) || refusesFirst(take)));
  return 'wait' in step && step.wait.form === 'sync';
}

/** Says that it has started, and follows scripts for as long as the worker lives. */
export async function serve(world: World, me: number): Promise<never> {
  for (world.done.release(); ; world.done.release()) {
    await world.go[me]?.acquire();
    try {
      await new Follower(world, me, JSON.parse(world.scripts[me]?.value ?? '') as Script).follow();
    } catch (error) {
      (world.failures[me] as { value: string }).value = String((error as Error).stack).slice(0, 3000);
    }
  }
}
