/**
 * Which of the waiting tasks is next, when, and how often.
 *
 * How it works  A job waits here, and is handed on to the crew as an attempt when a worker can take it and its gates are open: of those
 *               that could go, the most urgent. An attempt that fails may bring its job back, after a rest. So the crew and its workers know
 *               nothing of priorities, keys, rates and retries, and tasks without any of that never come here.
 * Order         By when a job was submitted, less `aging` milliseconds for each step of priority. All grow old at the same speed, so this
 *               never has to be computed anew, and nobody waits for ever.
 * Invariants    1. A job is in `jobs` from `submit` until its future has settled.
 *               2. Its gates are held from the start of an attempt until no worker has it any more: an attempt that timed out and still
 *                  runs keeps its key, and the next attempt waits for its end.
 *               3. At most so many jobs are handed on as can run at once, and a millisecond of work (`lookahead.ts`).
 * At rest       Timers run only for jobs that wait: for a rate, a deadline, or between attempts. They keep the program alive, as the jobs do.
 * @module
 */
import { CancelledError, PoolFullError, TimeoutError } from '../../errors/executor-errors.ts';
import { createFuture, type Future, type FutureOwner, rejectFuture, resolveFuture } from '../../futures/future.ts';
import { setTimer } from '../../memory/timer.ts';
import type { AnyFunction, Prepared } from '../function-registry.ts';
import type { Shipment } from '../shipment.ts';
import { isWatched, type TaskWishes } from '../task-table.ts';
import { waitAfter } from './backoff.ts';
import { Gate } from './gate.ts';
import type { Job } from './job.ts';
import { Lanes } from './lanes.ts';
import { JobHeap } from './job-heap.ts';
import { Lookahead } from './lookahead.ts';
import { PLAIN, type SchedulingRules, type TaskPlan } from './plan.ts';
import { Rate } from './rate.ts';
import { verdict } from './retry.ts';
import { RoomLine } from './room-line.ts';

/** One attempt at a job. */
export interface Attempt extends TaskWishes {
  /** Its number, from 1. */
  readonly number: number;
  /** Whether there may be another one, so that nothing may be moved away. */
  readonly mayReturn: boolean;
  /** Whether the worker is to say when it starts, and to tell it when it is given up. */
  readonly watched: boolean;
}

/** Whoever runs the attempts. */
export interface Workshop {
  /** Tasks that could be run at once, less those that are out and may go to any worker. */
  readonly room: number;
  /** Workers at most. */
  readonly limit: number;
  /** Tasks that each may run at once. */
  readonly tasksPerWorker: number;
  /** Whether there are workers, or could be. */
  readonly staffed: boolean;
  /** Why no task is taken any more; undefined: they are. */
  refusal(): unknown;
  keep(fn: AnyFunction | Prepared, kind: number, args: readonly unknown[]): Shipment | Promise<Shipment>;
  /** Begins an attempt: `onOutcome` and `onLeft` will be called, in either order, or `onLeft` and `onUnbegun`. */
  launch(job: Job, attempt: Attempt): void;
  /** Nobody waits for the attempt any more. */
  release(job: Job, error: unknown): void;
  /** Whether a worker has begun the attempt, or may have. */
  isRunning(future: Future<unknown>): boolean;
  /** No job is left. */
  onNoJobs(): void;
}

/** Keys that are kept in mind before those are looked for that nothing hangs on any more. */
const MANY_KEYS = 1024;

/** Orders the tasks of one pool. */
export class Scheduler implements FutureOwner {
  readonly #workshop: Workshop;
  readonly #rules: SchedulingRules;
  readonly #jobs = new Map<Future<unknown>, Job>();
  readonly #ready = new JobHeap<Job>();
  readonly #lookahead = new Lookahead();
  readonly #rate: Gate<Job> | undefined;
  readonly #keys = new Map<string | number, Gate<Job>>();
  #lanes: Lanes<Job> | undefined;
  /** Gates that somebody waits before, and that may be open. */
  readonly #opened = new Set<Gate<Job>>();
  readonly #roomLine = new RoomLine(() => this.#free);
  #submitted = 0;
  #waiting = 0;
  #preparing = 0;
  #manyKeys = MANY_KEYS;
  #out = 0;
  #sticking = 0;
  #scheduled = false;

  constructor(workshop: Workshop, rules: SchedulingRules) {
    this.#workshop = workshop;
    this.#rules = rules;
    if (rules.rate !== undefined) this.#rate = new Gate<Job>(Infinity, new Rate(rules.rate), this.#onOpen);
  }

  /** Jobs whose futures have not settled. */
  get size(): number {
    return this.#jobs.size;
  }

  /** Jobs that wait for a worker or a gate. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Jobs of which a worker has an attempt. */
  get out(): number {
    return this.#out;
  }

  /** Those among them that keep to a worker. */
  get sticking(): number {
    return this.#sticking;
  }

  /** Submits a task. Never throws: what is wrong rejects the future. */
  submit(
    fn: AnyFunction | Prepared,
    kind: number,
    args: readonly unknown[],
    plan: TaskPlan = PLAIN,
    timed = false,
  ): Future<unknown> {
    const future = createFuture<unknown>(this);
    try {
      const refusal = this.#workshop.refusal();
      if (refusal !== undefined) throw refusal;
      plan.signal?.throwIfAborted();
      if (plan.deadline !== undefined && plan.deadline <= Date.now()) throw tooLate();
      const kept = this.#workshop.keep(fn, kind, args);
      this.#take(this.#job(future, plan, timed), kept);
    } catch (error) {
      rejectFuture(future, error);
    }
    return future;
  }

  #job(future: Future<unknown>, plan: TaskPlan, timed: boolean): Job {
    const { aging } = this.#rules;
    const lanes = plan.sticky === undefined ? undefined : this.#lanesNow();
    const lane = lanes?.laneOf(plan.sticky as string | number);
    this.#submitted += 1;
    const now = performance.now();
    const job: Job = {
      future,
      plan,
      since: now,
      number: this.#submitted,
      order: aging === Infinity ? -plan.priority : now - plan.priority * aging,
      gates: lane === undefined ? this.#gatesOf(plan) : [...this.#gatesOf(plan), (lanes as Lanes<Job>).gateOf(lane)],
      lane,
      timed,
      state: 'preparing',
      shipment: undefined,
      attempts: 0,
      left: false,
      failure: undefined,
      deaths: undefined,
      rest: undefined,
      timers: undefined,
      forgetSignal: undefined,
    };
    this.#jobs.set(future, job);
    for (const gate of job.gates) gate.join();
    this.#waiting += 1;
    this.#preparing += 1;
    this.#watch(job);
    return job;
  }

  /** Has the job given up when its signal or a time says so. */
  #watch(job: Job): void {
    const { future, plan } = job;
    const { signal, deadline, queueTimeout } = plan;
    if (signal !== undefined) {
      const onAbort = (): void => void this.giveUp(future, signal.reason);
      signal.addEventListener('abort', onAbort, { once: true });
      job.forgetSignal = () => signal.removeEventListener('abort', onAbort);
    }
    if (deadline !== undefined) {
      job.timers = [setTimer(deadline - Date.now(), () => this.giveUp(future, tooLate()))];
    }
    if (queueTimeout !== undefined) {
      job.timers ??= [];
      job.timers.push(
        setTimer(queueTimeout, () => {
          if (job.attempts === 0) this.giveUp(future, queuedTooLong(queueTimeout));
        }),
      );
    }
  }

  #take(job: Job, kept: Shipment | Promise<Shipment>): void {
    if (kept instanceof Promise) {
      kept.then(
        (shipment) => this.#enter(job, shipment),
        (error: unknown) => {
          if (job.state === 'over') return;
          this.#end(job);
          rejectFuture(job.future, error);
        },
      );
    } else {
      this.#enter(job, kept);
    }
    if (isWaiting(job) && this.#stuck > this.#rules.backlog) this.#overflow(job);
  }

  #enter(job: Job, shipment: Shipment): void {
    if (job.state === 'over') return;
    job.shipment = shipment;
    this.#preparing -= 1;
    this.#wait(job);
  }

  #wait(job: Job): void {
    job.state = 'waiting';
    this.#ready.push(job);
    this.#pump();
  }

  #overflow(job: Job): void {
    const { backlog, overflow } = this.#rules;
    if (overflow === 'wait') return;
    const victim = overflow === 'reject' ? job : this.#oldest();
    const error = new PoolFullError(
      victim === job
        ? `The pool's backlog is full: ${backlog} tasks wait already. Submit later, await room() before each, or raise \`backlog\`.`
        : `The task was dropped from the pool's backlog of ${backlog}: it had waited longest when a newer one needed its place.`,
    );
    this.#end(victim);
    rejectFuture(victim.future, error);
  }

  #oldest(): Job {
    for (const job of this.#jobs.values()) if (isWaiting(job)) return job;
    throw new RangeError('Nobody waits.'); // whoever asks has just begun to
  }

  // ------------------------------------------------------------------------------------------------ handing on

  /** Tasks that may wait without one of them being refused or dropped. */
  get mayWait(): number {
    const { backlog, overflow } = this.#rules;
    return overflow === 'wait' ? Infinity : backlog;
  }

  /** Resolves when the backlog has room; at once when it has. */
  room(timeout: number, signal: AbortSignal | undefined): Promise<void> {
    return this.#roomLine.wait(timeout, signal);
  }

  /** Jobs that wait and are not about to start. */
  get #stuck(): number {
    return this.#waiting - Math.min(this.#preparing, Math.max(0, this.#workshop.room));
  }

  get #free(): number {
    const startable = this.#waiting > this.#preparing ? 0 : Math.max(0, this.#workshop.room - this.#preparing);
    return this.#rules.backlog - this.#stuck + startable;
  }

  /** A worker may have become free. */
  readonly schedulePump = (): void => {
    if (this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      this.#pump();
    });
  };

  #pump(): void {
    const now = performance.now();
    if (this.#out === 0) this.#lookahead.start(now);
    else this.#lookahead.look(now);
    if (this.#lookahead.mayWait(this.#workshop.room)) return;
    while (this.#waiting > 0 && this.#workshop.room + this.#lookahead.ahead > 0) {
      const job = this.#next(now);
      if (job === undefined) break;
      const isEarly = this.#workshop.room <= 0 && !this.#lookahead.covers(functionOf(job));
      if (isEarly || (job.lane !== undefined && !this.#workshop.staffed)) {
        this.#ready.push(job);
        break;
      }
      this.#launch(job, now);
    }
    this.#roomLine.serve();
  }

  /** The most urgent job that can go. */
  #next(now: number): Job | undefined {
    for (;;) {
      for (const gate of this.#opened) this.#letThrough(gate, now);
      const job = this.#ready.pop();
      if (job === undefined) return undefined;
      const shut = job.gates.find((gate) => !gate.isOpen(now));
      if (shut === undefined) return job;
      shut.waiting.push(job);
      shut.watch(now);
    }
  }

  #letThrough(gate: Gate<Job>, now: number): void {
    const job = gate.isOpen(now) ? gate.waiting.pop() : undefined;
    if (job !== undefined) {
      this.#ready.push(job);
      return;
    }
    this.#opened.delete(gate);
    if (gate.waiting.peek() !== undefined) gate.watch(now);
  }

  #launch(job: Job, now: number): void {
    const { plan, timed } = job;
    this.#waiting -= 1;
    this.#out += 1;
    if (job.lane !== undefined) this.#sticking += 1;
    job.state = 'out';
    job.attempts += 1;
    job.left = false;
    for (const gate of job.gates) gate.enter(now);
    this.#workshop.launch(job, {
      number: job.attempts,
      mayReturn: job.attempts <= plan.retries,
      timeout: plan.timeout,
      watched: job.attempts > 1 || plan.deadline !== undefined || isWatched(plan),
      timed,
      onProgress: plan.onProgress,
      stream: plan.stream,
      job,
    });
  }

  // ------------------------------------------------------------------------------------------------ coming back

  /** No worker has the attempt any more. */
  onLeft(job: Job): void {
    job.left = true;
    this.#out -= 1;
    if (job.lane !== undefined) this.#sticking -= 1;
    this.#lookahead.ended(functionOf(job));
    for (const gate of job.gates) gate.leave();
    if (job.state === 'over') this.#forgetKey(job);
    this.schedulePump();
    if (job.failure !== undefined) this.#rest(job);
  }

  /** The worker that was to do it, and no other, is gone without having begun: as if it had not been handed on. */
  onUnbegun(job: Job): void {
    if (job.state !== 'out') return;
    job.attempts -= 1;
    this.#waiting += 1;
    this.#wait(job);
  }

  /** An attempt has succeeded, or failed. */
  onOutcome(job: Job, ok: boolean, value: unknown): void {
    if (job.state === 'over') return;
    const final = ok ? undefined : verdict(job, value, this.#rules.quarantine);
    if (ok) {
      this.#end(job);
      resolveFuture(job.future, value);
    } else if (final !== undefined) {
      this.#end(job);
      rejectFuture(job.future, final.error);
    } else {
      job.failure = { error: value };
      if (job.left) this.#rest(job);
    }
  }

  #rest(job: Job): void {
    if (job.state === 'over') return;
    job.state = 'resting';
    job.failure = undefined;
    job.rest = setTimer(waitAfter(job.attempts, job.plan.backoff), () => {
      this.#waiting += 1;
      this.#wait(job);
    });
  }

  // ------------------------------------------------------------------------------------------------ the end

  /** Gives a job up, wherever it is. */
  giveUp(future: Future<unknown>, reason: unknown): boolean {
    const job = this.#jobs.get(future);
    if (job === undefined) return false;
    const error = reason ?? new CancelledError('The task was cancelled.');
    const { state } = job;
    this.#end(job);
    if (state === 'out') this.#workshop.release(job, error); // first: a settled future has no number any more
    rejectFuture(future, error, true);
    return true;
  }

  /** Whether a worker has begun the job, or may have. */
  isRunning(future: Future<unknown>): boolean {
    const job = this.#jobs.get(future);
    return job?.state === 'out' && this.#workshop.isRunning(future);
  }

  /** Fails all jobs. */
  abandon(reason: unknown): void {
    for (const job of [...this.#jobs.values()]) {
      this.#end(job);
      rejectFuture(job.future, reason);
    }
    this.#roomLine.fail(reason);
  }

  /** Gives up all jobs that no worker has begun, those included that would be tried again. */
  cancelWaiting(reason: unknown): void {
    for (const job of [...this.#jobs.values()]) if (job.state !== 'out') this.giveUp(job.future, reason);
  }

  /** It is over; its future is settled by whoever says so. */
  #end(job: Job): void {
    const waited = isWaiting(job);
    if (job.state === 'preparing') this.#preparing -= 1;
    job.state = 'over';
    job.shipment = undefined;
    job.rest?.cancel();
    job.forgetSignal?.();
    for (const timer of job.timers ?? []) timer.cancel();
    for (const gate of job.gates) gate.part();
    if (job.left || job.attempts === 0) this.#forgetKey(job);
    this.#jobs.delete(job.future);
    if (waited) {
      this.#waiting -= 1;
      this.schedulePump();
    }
    if (this.#jobs.size === 0) this.#workshop.onNoJobs();
  }

  // ------------------------------------------------------------------------------------------------ gates

  readonly #onOpen = (gate: Gate<Job>): void => {
    if (gate.waiting.peek() === undefined) return;
    this.#opened.add(gate);
    this.schedulePump();
  };

  #gatesOf({ key }: TaskPlan): readonly Gate<Job>[] {
    if (key === undefined) return this.#rate === undefined ? [] : [this.#rate];
    const gate = this.#keys.get(key) ?? this.#addKey(key);
    return this.#rate === undefined ? [gate] : [this.#rate, gate];
  }

  /** As many as there may be workers now. */
  #lanesNow(): Lanes<Job> {
    const { limit, tasksPerWorker } = this.#workshop;
    if (this.#lanes?.count !== limit) this.#lanes = new Lanes<Job>(limit, tasksPerWorker, this.#onOpen);
    return this.#lanes;
  }

  #addKey(key: string | number): Gate<Job> {
    if (this.#keys.size >= this.#manyKeys) {
      const now = performance.now();
      for (const [old, gate] of this.#keys) if (gate.isIdle(now)) this.#keys.delete(old);
      this.#manyKeys = Math.max(MANY_KEYS, 2 * this.#keys.size);
    }
    const { concurrency, rate } = this.#rules.perKey;
    const gate = new Gate<Job>(concurrency, rate === undefined ? undefined : new Rate(rate), this.#onOpen);
    this.#keys.set(key, gate);
    return gate;
  }

  /** Without a rate nothing of a key has to be remembered once none of its jobs is left. */
  #forgetKey({ plan: { key } }: Job): void {
    if (key !== undefined && this.#keys.get(key)?.isIdle(performance.now()) === true) this.#keys.delete(key);
  }
}

/** The number of its function, or 0. */
const functionOf = ({ shipment }: Job): number => shipment?.prepared.id ?? 0;

const isWaiting = ({ state }: Job): boolean => state === 'waiting' || state === 'preparing';

const tooLate = (): TimeoutError => new TimeoutError('The task was not done by its deadline.');

const queuedTooLong = (milliseconds: number): TimeoutError =>
  new TimeoutError(`The task waited for more than its queueTimeout of ${milliseconds} ms and was not started.`);
