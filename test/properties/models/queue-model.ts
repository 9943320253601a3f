/**
 * A queue as a list and three lines of calls that wait: what each call comes to when nothing but these steps happens.
 * @module
 */

/** How a wait is bounded. */
export type Bounds = 'endless' | 'timed' | 'signal' | 'zero';

/** A call, and what it has come to: an item's number, a word, or the code of an error. */
export interface Call {
  readonly bounds: Bounds;
  outcome: unknown;
}

interface Putter {
  readonly call: Call;
  readonly id: number;
}

export type Kind = 'Queue' | 'LifoQueue' | 'PriorityQueue' | 'SimpleQueue';

export const WAITS = 'waits';
const SHUT = 'ERR_QUEUE_SHUT_DOWN';

/** The priority of an item. */
export const rankOf = (id: number): number => (id * 5) % 7;

/** What a queue should do. */
export class QueueModel {
  readonly #kind: Kind;
  #items: number[] = [];
  #putters: Putter[] = [];
  #getters: Call[] = [];
  #joiners: Call[] = [];
  #maxSize: number;
  #unfinished = 0;
  #over = false;

  constructor(kind: Kind, maxSize: number) {
    this.#kind = kind;
    this.#maxSize = maxSize;
  }

  state(): object {
    const { length } = this.#items;
    return {
      size: length,
      empty: length === 0,
      isShutDown: this.#over,
      ...(this.#kind === 'SimpleQueue'
        ? {}
        : {
            full: this.#maxSize > 0 && length >= this.#maxSize,
            maxSize: this.#maxSize,
            unfinished: this.#unfinished,
          }),
    };
  }

  put(call: Call, id: number): void {
    this.#putters.push({ call, id });
    this.#settle();
    if (call.bounds === 'zero') this.giveUp(call, 'ERR_QUEUE_FULL');
  }

  get(call: Call): void {
    this.#getters.push(call);
    this.#settle();
    if (call.bounds === 'zero') this.giveUp(call, 'ERR_QUEUE_EMPTY');
  }

  join(call: Call): void {
    this.#joiners.push(call);
    this.#settle();
    if (call.bounds === 'zero') this.giveUp(call, false);
  }

  taskDone(): unknown {
    if (this.#unfinished === 0) return 'ERR_INVALID_STATE';
    this.#unfinished -= 1;
    this.#settle();
    return 'done';
  }

  set maxSize(maxSize: number) {
    this.#maxSize = maxSize;
    this.#settle();
  }

  shutdown(immediate: boolean): void {
    this.#over = true;
    if (immediate) {
      this.#unfinished = Math.max(0, this.#unfinished - this.#items.length); // some were said to be done before
      this.#items = [];
    }
    this.#settle();
  }

  /** A call that waits is given up. */
  giveUp(call: Call, outcome: unknown): void {
    if (call.outcome !== WAITS) return;
    call.outcome = outcome;
    this.#putters = this.#putters.filter((each) => each.call !== call);
    this.#getters = this.#getters.filter((each) => each !== call);
    this.#joiners = this.#joiners.filter((each) => each !== call);
  }

  /** With what a timeout ends a call. */
  timeOut(call: Call): void {
    const isPut = this.#putters.some((each) => each.call === call);
    this.giveUp(call, isPut ? 'ERR_QUEUE_FULL' : this.#joiners.includes(call) ? false : 'ERR_QUEUE_EMPTY');
  }

  #settle(): void {
    for (let goesOn = true; goesOn; ) {
      goesOn = false;
      if (this.#over) for (const { call } of this.#putters.splice(0)) call.outcome = SHUT;
      while (this.#putters.length > 0 && (this.#maxSize === 0 || this.#items.length < this.#maxSize)) {
        const { call, id } = this.#putters.shift() as Putter;
        call.outcome = 'put';
        this.#unfinished += 1;
        this.#items.push(id);
        goesOn = true;
        if (this.#getters.length > 0) break;
      }
      while (this.#getters.length > 0 && this.#items.length > 0) {
        (this.#getters.shift() as Call).outcome = this.#next();
        goesOn = true;
      }
    }
    if (this.#over) for (const call of this.#getters.splice(0)) call.outcome = SHUT;
    if (this.#unfinished === 0) for (const call of this.#joiners.splice(0)) call.outcome = true;
  }

  #next(): number {
    if (this.#kind === 'LifoQueue') return this.#items.pop() as number;
    if (this.#kind !== 'PriorityQueue') return this.#items.shift() as number;
    const best = this.#items.reduce((one, other) => (rankOf(other) < rankOf(one) ? other : one));
    this.#items.splice(this.#items.indexOf(best), 1);
    return best;
  }
}
