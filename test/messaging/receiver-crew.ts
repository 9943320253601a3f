/**
 * Receivers of a task ring in threads of their own, and a sender that feeds them.
 * @module
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { allocateShared, load, store, type Words, wake } from '../../src/memory/index.ts';
import { createTaskRing, type TaskRingMemory, TaskSender } from '../../src/messaging/task-ring.ts';
import { allocateHeld } from '../../src/workers/held-tasks.ts';
import type { ReceiverData } from './fixtures/receiver.ts';
import { functionOf, kindOf, valuesOf } from './task-contents.ts';

/** Milliseconds after which a ring that does not move is a failure. */
const STUCK = 60_000;
const BELL_WORDS = 16;

/** What a crew is made for. */
export interface CrewOptions {
  readonly receivers: number;
  /** Ids below this may be sent. */
  readonly tasks: number;
  readonly slots: number;
  readonly arenaBytes: number;
  /** As `valuesOf` takes it. */
  readonly most: number;
  /** Makes sender and memory; the usual ones when left out. */
  readonly ring?: (slots: number, arenaBytes: number) => readonly [TaskRingMemory, TaskSender];
}

interface Running {
  readonly worker: Worker;
  readonly held: SharedArrayBuffer;
  readonly exit: Promise<unknown>;
}

/** One ring, its sender, and its receivers. */
export class ReceiverCrew {
  readonly sender: TaskSender;
  readonly runs: Words;
  readonly #memory: TaskRingMemory;
  readonly #state: Words = new Int32Array(allocateShared(64));
  readonly #bells: Words;
  readonly #options: CrewOptions;
  readonly #workers: Running[] = [];

  constructor(options: CrewOptions) {
    this.#options = options;
    const { slots, arenaBytes, receivers, tasks } = options;
    const make = options.ring ?? usualRing;
    [this.#memory, this.sender] = make(slots, arenaBytes);
    for (let number = 0; number < receivers; number++) this.sender.admit(number);
    this.runs = new Int32Array(allocateShared(tasks * 4));
    this.#bells = new Int32Array(allocateShared(receivers * BELL_WORDS * 4));
  }

  /** Starts all receivers and waits until they look for tasks. */
  async start(): Promise<void> {
    for (let number = 0; number < this.#options.receivers; number++) await this.replace(number);
  }

  /** Starts a receiver in the place of the one with this number, which must have ended. */
  async replace(number: number): Promise<void> {
    const held = allocateHeld(1);
    const data: ReceiverData = {
      memory: this.#memory,
      number,
      most: this.#options.most,
      runs: this.runs,
      state: this.#state,
      bells: this.#bells,
      held,
    };
    const before = load(this.#state, 2);
    const worker = new Worker(new URL('./fixtures/receiver.ts', import.meta.url), { workerData: data });
    this.#workers[number] = { worker, held, exit: once(worker, 'exit') };
    assert.equal(before, load(this.#state, 2));
    while (load(this.#state, 2) === before) await new Promise(setImmediate);
  }

  /** Ends a receiver at once; returns the memory in which it noted what it held. */
  async terminate(number: number): Promise<SharedArrayBuffer> {
    const { worker, held } = this.#workers[number] as Running;
    await worker.terminate();
    return held;
  }

  /** Sends a task, waiting for room as long as there is none. */
  async send(id: number): Promise<void> {
    const values = valuesOf(id, this.#options.most);
    const started = performance.now();
    for (;;) {
      const outcome = this.sender.put(id, functionOf(id), kindOf(id), values);
      this.wakeSleepers();
      if (outcome === 'placed') return;
      assert.equal(outcome, 'full', `task ${id} has no compact form`);
      assert.ok(performance.now() - started < STUCK, `the ring is stuck at task ${id}`);
      await new Promise(setImmediate);
    }
  }

  /** Wakes as many receivers as there are tasks. */
  wakeSleepers(): void {
    for (let depth = this.sender.depth; depth > 0; depth--) {
      const number = this.sender.takeSleeper();
      if (number < 0) return;
      store(this.#bells, number * BELL_WORDS, 1);
      wake(this.#bells, number * BELL_WORDS);
    }
  }

  /** Lets the receivers empty the ring and end; fails when a task had wrong contents. */
  async finish(): Promise<void> {
    store(this.#state, 1, 1);
    for (let number = 0; number < this.#options.receivers; number++) {
      store(this.#bells, number * BELL_WORDS, 1);
      wake(this.#bells, number * BELL_WORDS);
    }
    await Promise.all(this.#workers.map(({ exit }) => exit));
    assert.equal(load(this.#state, 0), 0, 'tasks had wrong contents');
    assert.equal(this.sender.takeSleeper(), -1, 'a receiver that has ended is noted as asleep');
  }

  /** Tasks with wrong contents so far. */
  get wrong(): number {
    return load(this.#state, 0);
  }
}

function usualRing(slots: number, arenaBytes: number): readonly [TaskRingMemory, TaskSender] {
  const memory = createTaskRing(slots, arenaBytes);
  return [memory, new TaskSender(memory)];
}
