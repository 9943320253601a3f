/**
 * The task ring, its queue and its batches against plain models, in one thread and in every order.
 * @module
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { createTaskRing, TaskReceiver, TaskSender } from '../../src/messaging/task-ring.ts';
import { ValueCodec } from '../../src/messaging/value-codec.ts';

const SLOTS = 8;
const ARENA = 2048;

/** Where a task of the model stands. */
type Standing = 'ready' | 'withdrawn' | 'claimed' | 'gone';

interface ModelTask {
  readonly id: number;
  readonly values: readonly unknown[];
  standing: Standing;
}

type Step =
  | { readonly do: 'put' | 'put-bytes'; readonly size: number }
  | { readonly do: 'take' | 'let-go' | 'die'; readonly receiver: number }
  | { readonly do: 'withdraw'; readonly back: number };

const receiver = fc.nat({ max: 2 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constantFrom('put', 'put-bytes'), size: fc.nat({ max: 700 }) }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constantFrom('take', 'let-go'), receiver }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('die'), receiver }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('withdraw'), back: fc.nat({ max: 10 }) }) },
);

/** A ring, three receivers, and beside them the list of all tasks ever placed. */
class Model {
  readonly memory = createTaskRing(SLOTS, ARENA);
  readonly sender = new TaskSender(this.memory);
  readonly receivers = [0, 1, 2].map((number) => new TaskReceiver(this.memory, number));
  readonly holds: (ModelTask | undefined)[] = [undefined, undefined, undefined];
  readonly tasks: ModelTask[] = [];
  /** Tasks that the head has passed. */
  head = 0;
  readonly #bytes = new Uint8Array(4096);
  readonly #codec = new ValueCodec(this.#bytes);

  run(each: Step): void {
    switch (each.do) {
      case 'put':
      case 'put-bytes':
        this.#put(each.size, each.do === 'put-bytes');
        break;
      case 'take':
        this.#take(each.receiver);
        break;
      case 'let-go':
        this.#letGo(each.receiver);
        break;
      case 'die':
        this.#die(each.receiver);
        break;
      case 'withdraw':
        this.#withdraw(this.tasks.length - 1 - each.back);
        break;
    }
    assert.equal(this.sender.depth, this.tasks.length - this.head, 'depth');
  }

  #put(size: number, asBytes: boolean): void {
    const id = this.tasks.length;
    const values = [id, 'x'.repeat(size)];
    const before = this.tasks[id - SLOTS];
    const slotFree =
      before === undefined || before.standing === 'gone' || (before.standing === 'withdrawn' && this.head > id - SLOTS);
    let placed: boolean;
    if (asBytes) {
      const length = this.#codec.writeList(values, 7, 4096) - 7;
      placed = this.sender.putBytes(id, id * 3, id & 15, this.#bytes, 7, length);
    } else {
      const outcome = this.sender.put(id, id * 3, id & 15, values);
      assert.notEqual(outcome, 'not-compact');
      placed = outcome === 'placed';
    }
    if (!slotFree) assert.equal(placed, false, 'placed where another task still lies');
    else if (size < 90) assert.equal(placed, true, 'there was a slot, and it needs no arena');
    else if (this.tasks.every((task) => task.standing === 'gone')) assert.equal(placed, true, 'the ring was empty');
    if (placed) this.tasks.push({ id, values, standing: 'ready' });
  }

  #take(number: number): void {
    if (this.holds[number] !== undefined) return;
    const taker = this.receivers[number] as TaskReceiver;
    const next = this.tasks.findIndex((task) => task.standing === 'ready');
    const something = this.tasks.length > this.head && this.#isPublishedAtHead();
    assert.equal(taker.peek(), something, 'peek');
    assert.equal(taker.take(), next >= 0, 'take');
    if (next < 0) {
      this.head = this.tasks.length;
      return;
    }
    const task = this.tasks[next] as ModelTask;
    this.head = next + 1;
    task.standing = 'claimed';
    this.holds[number] = task;
    assert.deepEqual([taker.id, taker.fn, taker.kind], [task.id, task.id * 3, task.id & 15]);
    assert.deepEqual(taker.values(), task.values);
  }

  /** A withdrawn task at the head counts as something: it has to be passed. */
  #isPublishedAtHead(): boolean {
    return this.tasks[this.head]?.standing !== undefined;
  }

  #letGo(number: number): void {
    const task = this.holds[number];
    if (task === undefined) return;
    const holder = this.receivers[number] as TaskReceiver;
    assert.deepEqual(holder.values(), task.values, 'the payload changed while it was held');
    holder.letGo();
    task.standing = 'gone';
    this.holds[number] = undefined;
  }

  #die(number: number): void {
    const task = this.holds[number];
    const told = this.sender.repair(number);
    assert.deepEqual(
      told.map(({ id, fn }) => ({ id, fn })),
      task === undefined ? [] : [{ id: task.id, fn: task.id * 3 }],
    );
    if (task === undefined) return;
    const [first] = told;
    assert.deepEqual(new ValueCodec(first?.payload ?? new Uint8Array()).readList(0), task.values);
    task.standing = 'gone';
    this.holds[number] = undefined;
    this.receivers[number] = new TaskReceiver(this.memory, number);
  }

  #withdraw(id: number): void {
    const task = this.tasks[id];
    const outcome = this.sender.withdraw(id);
    assert.equal(outcome, task?.standing === 'ready', `withdrawing a task that is ${task?.standing}`);
    if (outcome && task !== undefined) task.standing = 'withdrawn';
  }
}

describe('TaskRing', () => {
  test('does what a list of tasks would do, in every order of steps', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 150 }), (steps) => {
        const model = new Model();
        for (const each of steps) model.run(each);
        // Whatever came before, what is left can be taken in order, and then the ring is as good as new.
        for (const number of [0, 1, 2]) model.run({ do: 'let-go', receiver: number });
        while (model.tasks.some((task) => task.standing === 'ready')) {
          model.run({ do: 'take', receiver: 0 });
          model.run({ do: 'let-go', receiver: 0 });
        }
        model.run({ do: 'take', receiver: 1 });
        for (let i = 0; i < SLOTS; i++) {
          const length = model.tasks.length;
          model.run({ do: 'put', size: 80 });
          assert.equal(model.tasks.length, length + 1, 'not all of its slots are free again');
        }
      }),
      { numRuns: 500 },
    );
  });
});
