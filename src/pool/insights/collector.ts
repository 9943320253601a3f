/**
 * Collects the figures of a pool's tasks and workers.
 *
 * How it works  A task is known by its number from when it is placed until its answer; what its worker has measured comes before that. Of each
 *               task a few sums stay, and of the slowest ones a line of text.
 * @module
 */
import type { TaskFigures } from '../../workers/messages.ts';
import type { Seat } from '../dispatcher.ts';
import { type Circumstances, lintsOf } from './lints.ts';
import type { PoolInsights, SlowTask, WorkerTimes } from './pool-insights.ts';
import { Spread } from './spread.ts';

/** Tasks that are remembered as the slowest. */
const SLOWEST = 10;
/** Workers that have left and are remembered. */
const MOST_LEFT = 100;

interface Life {
  readonly seat: Seat;
  readonly start: number;
  ready: number | undefined;
  end: number | undefined;
  tasks: number;
  decoding: number;
  encoding: number;
  /** In which something ran there. */
  working: number;
  /** Until when, in milliseconds since the epoch. */
  workedUntil: number;
}

/** Sums over all tasks so far; milliseconds. */
export interface Totals {
  /** In which there was a task without an answer. */
  readonly span: number;
  /** Tasks, and the items of those that are chunks of a map. */
  readonly count: number;
  readonly items: number;
  /** Those that were measured. */
  readonly measured: number;
  readonly running: number;
  /** In which something ran on a worker, of all workers. */
  readonly working: number;
  readonly cpu: number;
  readonly locks: number;
  readonly queued: number;
  readonly blocked: number;
}

/** What a pool that measures knows. */
export class Collector {
  /** When a task was submitted, and how many items it has, by number. */
  readonly #submitted: (number | undefined)[] = [];
  readonly #itemsOf: number[] = [];
  readonly #lives = new Map<Seat, Life>();
  readonly #left: Life[] = [];
  readonly #ran = new Spread();
  readonly #waited = new Spread();
  readonly #slowest: SlowTask[] = [];
  readonly #sums = { placing: 0, decoding: 0, encoding: 0, cpu: 0, awaiting: 0, locks: 0, queued: 0 };
  /** Called when a task has ended. */
  onEnded: (() => void) | undefined;
  #working = 0;
  #allocated = 0;
  #done = 0;
  #failed = 0;
  #items = 0;
  #out = 0;
  #span = 0;
  #since = 0;

  /**
   * A task is about to be given to the workers. It may have its answer before that is done.
   *
   * @param since when it was submitted
   * @param items how many items a chunk has; one, if it is none
   */
  placing(id: number, since: number, items?: number): void {
    const isKnown = this.#submitted[id] !== undefined;
    if (!isKnown || items !== undefined) this.#itemsOf[id] = items ?? 1;
    if (isKnown) return;
    this.#submitted[id] = since;
    if (this.#out === 0) this.#since = since;
    this.#out += 1;
  }

  /** To write a task took so many milliseconds. */
  sent(ms: number): void {
    this.#sums.placing += ms;
  }

  /** A worker tells what a task has taken. */
  measured(id: number, seat: Seat, figures: TaskFigures): void {
    const [begin, ran, cpu, idle, waited, queued, decoding, encoding, allocated, task] = figures;
    const submitted = this.#submitted[id];
    const waiting = submitted === undefined ? 0 : Math.max(0, begin - performance.timeOrigin - submitted);
    this.#ran.add(ran);
    this.#waited.add(waiting);
    const sums = this.#sums;
    sums.decoding += decoding;
    sums.encoding += encoding;
    this.#allocated += allocated;
    sums.cpu += Math.min(cpu, ran);
    sums.awaiting += Math.min(idle, ran);
    sums.locks += Math.min(waited, ran);
    sums.queued += Math.min(queued, ran);
    const life = this.#lives.get(seat);
    if (life !== undefined) {
      life.tasks += 1;
      life.decoding += decoding;
      life.encoding += encoding;
      // Tasks that are in flight together count once.
      const worked = Math.max(0, begin + ran - Math.max(begin, life.workedUntil));
      life.working += worked;
      this.#working += worked;
      life.workedUntil = Math.max(life.workedUntil, begin + ran);
    }
    if (task !== undefined) this.#mark({ task, ran, waited: waiting, worker: seat.worker?.label ?? 'worker' });
  }

  #mark(slow: SlowTask): void {
    const slowest = this.#slowest;
    if (slowest.length === SLOWEST && slow.ran <= (slowest.at(-1) as SlowTask).ran) return;
    slowest.push(slow);
    slowest.sort((a, b) => b.ran - a.ran);
    slowest.length = Math.min(slowest.length, SLOWEST);
  }

  /** A task has its answer, or will never have one. @param ok undefined: no worker has begun it, or that is not known */
  ended(id: number, ok: boolean | undefined): void {
    if (this.#submitted[id] === undefined) return;
    this.#submitted[id] = undefined;
    if (ok === true) this.#done += 1;
    else if (ok === false) this.#failed += 1;
    if (ok !== undefined) this.#items += this.#itemsOf[id] as number;
    this.#out -= 1;
    if (this.#out === 0) this.#span += performance.now() - this.#since;
    if (ok !== undefined) this.onEnded?.();
  }

  /** A worker is about to be started. */
  seated(seat: Seat): void {
    const start = performance.now();
    const none = { tasks: 0, decoding: 0, encoding: 0, working: 0, workedUntil: 0 };
    this.#lives.set(seat, { seat, start, ready: undefined, end: undefined, ...none });
  }

  ready(seat: Seat): void {
    const life = this.#lives.get(seat);
    if (life !== undefined) life.ready = performance.now();
  }

  left(seat: Seat): void {
    const life = this.#lives.get(seat);
    if (life === undefined) return;
    this.#lives.delete(seat);
    life.end = performance.now();
    this.#left.push(life);
    if (this.#left.length > MOST_LEFT) this.#left.shift();
  }

  /** Workers that live and are ready. */
  get readyWorkers(): number {
    let count = 0;
    for (const { ready } of this.#lives.values()) if (ready !== undefined) count += 1;
    return count;
  }

  /** The sums by now. */
  totals(): Totals {
    const { cpu, awaiting, locks, queued } = this.#sums;
    const running = this.#ran.sum;
    return {
      span: this.#span + (this.#out > 0 ? performance.now() - this.#since : 0),
      count: this.#done + this.#failed,
      items: this.#items,
      measured: this.#ran.count,
      running,
      working: this.#working,
      cpu,
      locks,
      queued,
      blocked: Math.max(0, running - cpu - awaiting - locks - queued),
    };
  }

  /** What is known by now. */
  look(circumstances: Circumstances): PoolInsights {
    const now = performance.now();
    const figures = {
      span: this.#span + (this.#out > 0 ? now - this.#since : 0),
      tasks: { done: this.#done, failed: this.#failed },
      times: { ...this.#sums, waiting: this.#waited.sum, running: this.#ran.sum },
      allocated: this.#allocated,
      ran: this.#ran.figures(),
      waited: this.#waited.figures(),
      workers: [...this.#left, ...this.#lives.values()].map((life) => timesOf(life, now)),
      slowest: [...this.#slowest],
    };
    return { ...figures, lints: lintsOf(figures, circumstances) };
  }
}

function timesOf(life: Life, now: number): WorkerTimes {
  const { seat, start, ready, end, tasks, decoding, working, encoding } = life;
  const init = seat.prepared ?? 0;
  const until = end ?? now;
  const startUp = Math.max(0, (ready ?? until) - start - init);
  const lived = until - start;
  return {
    name: seat.worker?.label ?? 'worker',
    alive: end === undefined,
    tasks,
    life: lived,
    startUp,
    init,
    decoding,
    working,
    encoding,
    idle: Math.max(0, lived - startUp - init - decoding - working - encoding),
    memory: seat.memory,
  };
}
