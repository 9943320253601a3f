/**
 * A crew: workers, the tasks that they have not answered, and the way between them. What `Pool` is made of.
 *
 * How it works  `submit` gives a task a number and hands it to the dispatcher; its answer comes back under that number and
 *               settles its future. What has no compact form is packed at once, so that it travels as it was when it was
 *               submitted, and waits here until a worker claims it.
 * Invariants    1. A number is in the table from `submit` until its answer has come, its worker is gone, or it was dropped
 *                  without ever having been given to a worker.
 *               2. Every future settles: by its answer, its worker's death, its own cancellation or the crew's end.
 * When it dies  A worker's death fails what it held; the rest of the crew goes on and is filled up again.
 * @module
 */
import { CodeBook } from '../closures/code-book.ts';
import type { CodeUnit } from '../closures/packet.ts';
import { CancelledError } from '../errors/executor-errors.ts';
import { createFuture, type Future, type FutureOwner, rejectFuture, resolveFuture, taskOf } from '../futures/future.ts';
import { CALL, DONE, FAILED, isFinal } from '../workers/messages.ts';
import type { LaunchOptions, WorkerBackend, WorkerExit } from '../workers/worker-backend.ts';
import { Attempts } from './attempts.ts';
import type { Dispatcher, DispatchOwner, Reporter, Seat } from './dispatcher.ts';
import { type AnyFunction, type ForMany, FunctionRegistry, type Prepared } from './function-registry.ts';
import { GivingUp } from './giving-up.ts';
import { hopeless } from './hopeless.ts';
import { type HookOptions, type Hooks, packHooks, whenPacked } from './hooks.ts';
import { Intake } from './intake.ts';
import type { Collector } from './insights/collector.ts';
import { lostWith } from './lost-task.ts';
import { Mail } from './mail.ts';
import { Notices } from './notices.ts';
import { closed, notAFunction, unsent, withdrawn } from './refusals.ts';
import { reporterOf } from './reports.ts';
import { Roster } from './roster.ts';
import type { SchedulingRules } from './scheduling/plan.ts';
import type { Scheduler } from './scheduling/scheduler.ts';
import { Shrinker, type Shrinkable } from './shrinker.ts';
import type { Size } from './size.ts';
import type { Tuning } from './tuning/search.ts';
import { detailOf, kindOf, type TaskDetail, type TaskOrder, TaskTable } from './task-table.ts';
import { wayToWorkers } from './way-to-workers.ts';

/** What a crew is made from. */
export interface CrewOptions {
  readonly backend: WorkerBackend;
  readonly size: Size;
  readonly hooks: HookOptions;
  readonly tasksPerWorker: number;
  /** So many for now, when it is to be found out how many are best. */
  readonly tasksAtFirst: number | undefined;
  readonly launch: LaunchOptions;
  readonly mainModule: string;
  /** Milliseconds between a task's cancellation and the end of a worker that goes on with it. */
  readonly grace: number;
  /** How tasks are ordered and bounded that have a scheduler. */
  readonly rules: SchedulingRules;
  /** Collects what the tasks have taken. */
  readonly collector: Collector | undefined;
}

type CrewState = 'open' | 'closing' | 'closed';

/** Workers and their tasks. */
export class Crew implements DispatchOwner, FutureOwner, Shrinkable {
  readonly #options: CrewOptions;
  readonly #table = new TaskTable();
  readonly #functions: FunctionRegistry;
  readonly #roster: Roster;
  readonly #dispatcher: Dispatcher;
  readonly #intake: Intake;
  readonly #notices = new Notices(this.#table);
  readonly #givingUp: GivingUp;
  readonly #shrinker: Shrinker | undefined;
  #attempts: Attempts | undefined;
  #tasksPerWorker: number;
  #state: CrewState = 'open';
  /** Why no task can be done any more. */
  #broken: { readonly error: unknown } | undefined;
  /** Somebody waits until no task is left. */
  #empty: PromiseWithResolvers<void> | undefined;
  #referenced = false;
  #measureEvery: number;

  constructor(options: CrewOptions) {
    const { backend, size, tasksPerWorker, launch, mainModule, hooks, collector } = options;
    this.#options = options;
    const book = new CodeBook((id: number, unit: CodeUnit) => this.#roster.broadcast({ type: 'code', id, unit }));
    this.#functions = new FunctionRegistry(book, this.destination, (message) => this.#roster.broadcast(message));
    const mostTasks = size.wear?.tasks ?? Infinity;
    const notices = this.#notices;
    const { owner, dispatcher } = wayToWorkers(this, { backend, notices, tasksPerWorker, mostTasks, collector });
    this.#dispatcher = dispatcher;
    this.#tasksPerWorker = options.tasksAtFirst ?? tasksPerWorker;
    const mail = new Mail(owner, dispatcher, notices);
    this.#intake = new Intake({
      table: this.#table,
      dispatcher: this.#dispatcher,
      functions: this.#functions,
      book,
      destination: this.destination,
      onPlaced: () => this.#placed(),
      onRefused: (future, id, error) => this.#refuse(future, id, error),
    });
    this.#measureEvery = collector === undefined ? 0 : 1;
    const setup = { mainModule, tasksPerWorker, ...(size.wear === undefined ? {} : { wear: size.wear }) };
    let calls: Hooks = {};
    this.#roster = new Roster(
      size.workers,
      {
        backend,
        name: launch.name,
        setup: () => ({ ...setup, ...calls, tasksAtFirst: this.#tasksPerWorker, measureEvery: this.#measureEvery }),
        initTimeout: hooks.initTimeout,
        maxRestarts: size.maxRestarts,
        launch,
        definitions: () => this.#functions.definitions(),
      },
      this.#dispatcher,
      {
        onMessage: (seat, message) => mail.receive(seat, message),
        onReady: (seat) => this.#dispatcher.onReady(seat),
        onSpent: () => this.#heal(),
        onGone: (seat, exit, wasReady) => this.#onGone(seat, exit, wasReady),
        onHopeless: (why) => this.#break(hopeless(why, backend.kind)),
      },
    );
    this.#givingUp = new GivingUp(this, {
      table: this.#table,
      dispatcher: this.#dispatcher,
      roster: this.#roster,
      notices,
      grace: options.grace,
      settle: (future, detail, error) => this.#settle(future, detail, false, error, true),
      onDoomed: () => this.#heal(),
    });
    if (size.idleTimeout !== Infinity) this.#shrinker = new Shrinker(size.idleTimeout, this);
    whenPacked(packHooks(hooks, this.destination, book), {
      onWait: () => {
        this.#roster.waits = true;
      },
      onPacked: (done) => {
        calls = done;
        this.#roster.waits = false;
        this.#heal();
        this.scheduler?.schedulePump();
      },
      onRefused: (error) => this.#break(error),
    });
  }

  get destination(): 'thread' | 'process' {
    return this.#options.backend.kind === 'process' ? 'process' : 'thread';
  }

  get outstanding(): number {
    return this.#table.size;
  }

  /** Tasks without an answer, wherever they are. */
  get pending(): number {
    const { scheduler } = this;
    return this.#table.size + (scheduler === undefined ? 0 : scheduler.size - scheduler.out);
  }

  /** Orders tasks, once there is one that needs it: from then on all of them. */
  get scheduler(): Scheduler | undefined {
    return this.#attempts?.scheduler;
  }

  /** From here on tasks are ordered. */
  schedule(): void {
    const { rules } = this.#options;
    this.#attempts ??= new Attempts(
      {
        table: this.#table,
        intake: this.#intake,
        roster: this.#roster,
        dispatcher: this.#dispatcher,
        givingUp: this.#givingUp,
        tasksPerWorker: () => this.#tasksPerWorker,
        refusal: () => this.#refusal(),
        isRunning: (future) => this.isRunning(future),
        onNoJobs: () => this.#checkEmpty(),
        onLaunch: (id, since) => this.#options.collector?.placing(id, since),
      },
      rules,
    );
  }

  /** Tasks that each may have under way. */
  get tasksPerWorker(): number {
    return this.#tasksPerWorker;
  }

  /** Changes how many workers there may be; those that are too many end when they are done with what they have. And how many tasks each may have. */
  tune({ workers, tasksPerWorker }: Tuning): void {
    if (tasksPerWorker !== this.#tasksPerWorker) this.#roster.broadcast({ type: 'limit', tasks: tasksPerWorker });
    this.#tasksPerWorker = tasksPerWorker;
    this.#roster.limit = workers;
    this.#roster.retireBeyond(workers);
    this.#heal();
    this.scheduler?.schedulePump();
  }

  /** Workers measure what one in so many tasks takes. */
  measure(every: number): void {
    this.#measureEvery = every;
    this.#roster.broadcast({ type: 'measure', every });
  }

  /** Workers at most. */
  get limit(): number {
    return this.#roster.limit;
  }

  get state(): CrewState {
    return this.#state;
  }

  /** Workers alive, and what they are called. */
  get workers(): readonly string[] {
    return [...this.#roster.seats].map((seat) => seat.worker?.label ?? 'worker');
  }

  // ------------------------------------------------------------------------------------------------ tasks in

  /** Submits a call. Never throws: what is wrong rejects the future. */
  submit(fn: AnyFunction, args: readonly unknown[], options?: TaskOrder): Future<unknown> {
    const future = createFuture<unknown>(this);
    if (typeof fn !== 'function') {
      rejectFuture(future, notAFunction(fn));
      return future;
    }
    const id = this.#admit(future, options);
    if (id < 0) return future;
    const kind = kindOf(CALL, options);
    const known = this.#functions.known(fn);
    try {
      if (known > 0 && this.#dispatcher.put(id, known, kind, args)) {
        this.#placed();
        return future;
      }
    } catch (error) {
      this.#refuse(future, id, error); // a getter among the arguments threw
      return future;
    }
    this.#intake.introduce(future, id, fn, kind, args);
    return future;
  }

  /** Submits a task of a function that has been prepared before. */
  submitPrepared(prepared: Prepared, kind: number, args: readonly unknown[], options?: TaskOrder): Future<unknown> {
    const future = createFuture<unknown>(this);
    const id = this.#admit(future, options);
    if (id < 0) return future;
    this.#intake.place(future, id, prepared, kindOf(kind, options), args);
    return future;
  }

  #refusal(): unknown {
    if (this.#broken !== undefined) return this.#broken.error;
    return this.#state === 'open' ? undefined : closed();
  }

  /** Sends a function to the workers, for many tasks; `release` it afterwards. */
  async prepare(fn: AnyFunction): Promise<ForMany> {
    if (typeof fn !== 'function') throw notAFunction(fn);
    if (this.#refusal() !== undefined) throw this.#refusal();
    return this.#functions.prepareForMany(fn);
  }

  /** Gives the future a number, unless it is to fail at once: then -1. */
  #admit(future: Future<unknown>, options: TaskOrder | undefined): number {
    const refusal = this.#refusal();
    if (refusal !== undefined) {
      rejectFuture(future, refusal);
      return -1;
    }
    if (options === undefined) return this.#table.add(future);
    const { signal } = options;
    if (signal?.aborted === true) {
      rejectFuture(future, signal.reason);
      return -1;
    }
    const id = this.#table.add(future);
    const detail = detailOf(options);
    if (signal !== undefined) this.#givingUp.bySignal(future, detail, signal);
    this.#table.setDetail(id, detail);
    return id;
  }

  /** A task is on its way: see that there is somebody to take it, and that the program waits for it. */
  #placed(): void {
    const roster = this.#roster;
    if (!this.#referenced) {
      this.#referenced = true;
      roster.reference();
    }
    if (roster.alive < roster.limit) roster.ensure(this.#table.size);
    this.#shrinker?.note();
  }

  #refuse(future: Future<unknown>, id: number, error: unknown): void {
    if (this.#table.get(id) !== future) return; // settled when the crew ended
    this.#settle(future, this.#table.detail(id), false, error);
    this.onDropped(id);
  }

  /** Settles what a task was submitted for: its future, or, when it is an attempt at a job, what the scheduler makes of it. */
  #settle(future: Future<unknown>, detail: TaskDetail | undefined, ok: boolean, value: unknown, given = false): void {
    if (detail?.job !== undefined) {
      if (detail.stale !== true) this.scheduler?.onOutcome(detail.job, ok, value);
    } else if (ok) {
      resolveFuture(future, value);
    } else {
      rejectFuture(future, value, given);
    }
  }

  /** No worker has the task any more. */
  #remove(id: number): TaskDetail | undefined {
    const detail = this.#table.detail(id);
    this.#table.remove(id);
    this.#options.collector?.ended(id, undefined);
    if (detail?.job === undefined) this.scheduler?.schedulePump();
    else this.scheduler?.onLeft(detail.job);
    return detail;
  }

  // ------------------------------------------------------------------------------------------------ answers out

  isWanted(id: number): boolean {
    const future = this.#table.get(id);
    return future !== undefined && !future.done && this.#table.detail(id)?.stale !== true;
  }

  onDropped(id: number): void {
    if (this.#table.get(id) === undefined) return; // failed with all others when the crew ended
    this.#remove(id);
    this.#checkEmpty();
  }

  onLetGo(seat: Seat): void {
    this.#givingUp.finish(seat);
  }

  sendPayload(id: number, seat: Seat): boolean {
    const detail = this.#table.detail(id);
    if (detail?.payload === undefined || !this.isWanted(id)) return false;
    const { transfer, ...task } = detail.payload;
    try {
      seat.worker?.post({ type: 'task', id, ...task }, transfer);
      return true;
    } catch (error) {
      const future = this.#table.get(id);
      if (future !== undefined && !future.done) this.#settle(future, detail, false, unsent(error));
      return false;
    }
  }

  onAnswer(id: number, status: number, extra: number, value: unknown, seat: Seat): void {
    const future = this.#table.get(id);
    if (future === undefined) return;
    if (!isFinal(status)) {
      this.reporter(id, seat)?.(status, extra, value);
      return;
    }
    const detail = this.#remove(id);
    if (status === DONE) this.#settle(future, detail, true, detail?.timed === true ? [value, extra] : value);
    else this.#settle(future, detail, false, status === FAILED ? value : withdrawn(), status !== FAILED);
    if (seat.doomed) this.#givingUp.finish(seat);
    if (this.#state === 'closing') this.#checkEmpty();
  }

  reporter(id: number, seat: Seat): Reporter | undefined {
    const future = this.#table.get(id);
    const detail = this.#table.detail(id);
    if (future === undefined || detail === undefined || future.done) return undefined;
    return reporterOf(detail, id, seat, () => this.#givingUp.byTime(future, detail));
  }

  onIdle(): void {
    if (!this.#referenced || this.#table.size > 0) return;
    this.#referenced = false;
    this.#roster.unreference();
    this.#functions.forgetUnused();
  }

  /** Whether a worker has begun the task, or may have. */
  isRunning(future: Future<unknown>): boolean {
    const id = taskOf(future);
    const seat = this.#table.get(id) === future ? this.#dispatcher.holder(id) : undefined;
    return seat !== undefined && this.#dispatcher.held(seat).includes(id);
  }

  // ------------------------------------------------------------------------------------------------ giving up

  giveUp(future: Future<unknown>, reason: unknown): boolean {
    return this.#givingUp.giveUp(future, reason);
  }

  // ------------------------------------------------------------------------------------------------ workers

  #onGone(seat: Seat, exit: WorkerExit, wasReady: boolean): void {
    const { held, unbegun } = this.#dispatcher.leave(seat);
    this.#notices.leave(seat);
    this.#attempts?.leave(seat, unbegun, (id) => this.onDropped(id));
    for (const task of held) {
      const future = this.#table.get(task.id);
      if (future === undefined) continue;
      const detail = this.#table.detail(task.id);
      this.#remove(task.id);
      this.#settle(future, detail, false, lostWith(seat, exit, task, detail, this.#functions));
    }
    if (wasReady || this.#state !== 'open') this.#heal();
    else setImmediate(() => this.#heal());
    this.#checkEmpty();
  }

  #heal(): void {
    if (this.#state === 'closed' || this.#broken !== undefined) return;
    const { min } = this.#options.size;
    this.#roster.ensure(this.#state === 'open' ? Math.max(min, this.#table.size) : this.#table.size);
    this.#dispatcher.feed();
  }

  #break(error: unknown): void {
    if (this.#broken !== undefined || this.#state === 'closed') return;
    this.#broken = { error };
    this.#abandon(error);
  }

  shrink(needed: number): boolean {
    const { min } = this.#options.size;
    this.#roster.retireBeyond(Math.max(min, needed));
    return this.#roster.alive > min;
  }

  /** Fails all tasks. */
  #abandon(reason: unknown): void {
    this.scheduler?.abandon(reason);
    for (const id of this.#table.ids()) {
      this.#settle(this.#table.get(id) as Future<unknown>, this.#remove(id), false, reason);
    }
    this.#dispatcher.feed();
    this.#checkEmpty();
    setImmediate(() => this.onIdle());
  }

  // ------------------------------------------------------------------------------------------------ the end

  /** Takes no more tasks; resolves when all have been answered and the workers are gone. */
  async close(cancelWaiting = false): Promise<void> {
    if (this.#state === 'open') this.#state = 'closing';
    if (cancelWaiting) {
      const reason = new CancelledError('The pool was closed before the task started.');
      this.#givingUp.giveUpWaiting(reason);
      this.scheduler?.cancelWaiting(reason);
    }
    if (this.#state === 'closing' && this.pending > 0) {
      this.#empty ??= Promise.withResolvers();
      await this.#empty.promise;
    }
    this.#state = 'closed';
    this.#shrinker?.stop();
    await this.#roster.stopAll();
  }

  /** Fails all tasks and ends the workers; those that are at nothing, or at tasks that can hear of it, in good order. */
  async terminate(): Promise<void> {
    const reason = new CancelledError('The pool was terminated.');
    const asked = new Set([...this.#roster.seats].filter((seat) => this.#givingUp.tellAll(seat, reason)));
    this.#giveAllUp(reason);
    await this.#roster.terminateAll(asked, this.#options.grace);
  }

  /** Fails all tasks and ends the workers now. */
  async kill(): Promise<void> {
    this.#giveAllUp(new CancelledError('The pool was killed.'));
    await this.#roster.killAll();
  }

  #giveAllUp(reason: unknown): void {
    this.#state = 'closed';
    this.#shrinker?.stop();
    this.#abandon(reason);
  }

  #checkEmpty(): void {
    if (this.pending > 0) return;
    this.#empty?.resolve();
    this.#empty = undefined;
  }
}
