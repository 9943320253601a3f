/**
 * When a worker has served its time: after so many tasks, so long, or with so much memory in use.
 *
 * How it works  The worker itself looks, before it takes a task: nobody else knows in time which one it has taken. Time and memory are
 *               looked at in passing, and memory rarely, as asking for it takes longer than a small task. One that is done says so once,
 *               takes nothing more from the ring, and ends when its owner has answered.
 * @module
 */
import type { WearLimits } from '../messages.ts';
import { memoryUse } from './memory-use.ts';

/** Milliseconds between two looks at the memory. */
const LOOK_MS = 100;

/** Counts what a worker does. */
export class Wear {
  readonly #tasks: number;
  readonly #until: number;
  readonly #memory: number;
  readonly #usage: () => number;
  #begun = 0;
  #looked = -Infinity;
  #spent = false;

  /** @param isThread whether the memory of the process is shared with others */
  constructor({ tasks = Infinity, age = Infinity, memory = Infinity }: WearLimits, isThread: boolean) {
    this.#tasks = tasks;
    this.#until = performance.now() + age;
    this.#memory = memory;
    this.#usage = memoryUse(isThread);
  }

  /** Another task begins. */
  begin(): void {
    this.#begun += 1;
  }

  /** Whether it takes no more tasks. */
  isOver(): boolean {
    this.#spent ||= this.#begun >= this.#tasks || (this.#begun > 0 && this.#isWorn());
    return this.#spent;
  }

  #isWorn(): boolean {
    if (this.#until === Infinity && this.#memory === Infinity) return false;
    const now = performance.now();
    if (now >= this.#until) return true;
    if (this.#memory === Infinity || now - this.#looked < LOOK_MS) return false;
    this.#looked = now;
    return this.#usage() >= this.#memory;
  }
}
