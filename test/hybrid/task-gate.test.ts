/** A thread of a hybrid pool has no more tasks than it may run at once, gets the others in order, and ends after them. @module */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { TaskGate } from '../../src/hybrid/task-gate.ts';
import { BatchReader, BatchWriter } from '../../src/messaging/record-batch.ts';
import { CALL, DONE, STARTED, type ToWorker } from '../../src/workers/messages.ts';

/** A batch of tasks, each with its number as its value. */
function batch(...ids: number[]): Uint8Array {
  const writer = new BatchWriter();
  for (const id of ids) writer.add(id, 1, CALL, [id]);
  return writer.take();
}

function answers(status: number, ...ids: number[]): { readonly type: 'answers'; readonly bytes: Uint8Array } {
  const writer = new BatchWriter();
  for (const id of ids) writer.add(id, status, 0, undefined);
  return { type: 'answers', bytes: writer.take() };
}

/** A gate, and the numbers of what it has given. */
function open(limit: number): { readonly gate: TaskGate; readonly given: number[] } {
  const given: number[] = [];
  const gate = new TaskGate(limit, (message: ToWorker) => {
    if (message.type === 'task') {
      given.push(message.id);
    } else if (message.type === 'tasks') {
      const reader = new BatchReader(message.bytes);
      while (reader.next()) {
        assert.deepEqual(reader.value(), [reader.id]);
        given.push(reader.id);
      }
    }
  });
  return { gate, given };
}

const packed = (id: number): ToWorker & { readonly type: 'task' } =>
  ({ type: 'task', id, fn: 1, kind: CALL, args: {} }) as never;

describe('the gate', () => {
  it('lets through as many as may run, and the next when one has been answered', () => {
    const { gate, given } = open(2);
    gate.addBatch(batch(1, 2, 3));
    gate.add(packed(4));
    gate.addBatch(batch(5, 6));
    assert.deepEqual(given, [1, 2]);
    gate.note(answers(STARTED, 1));
    gate.open();
    assert.deepEqual(given, [1, 2], 'a task that has started has not ended');
    gate.note(answers(DONE, 2));
    gate.open();
    assert.deepEqual(given, [1, 2, 3]);
    gate.note(answers(DONE, 1, 3));
    gate.open();
    assert.deepEqual(given, [1, 2, 3, 4, 5]);
    gate.note({ type: 'answer', id: 4, status: DONE, extra: 0 });
    gate.open();
    assert.deepEqual(given, [1, 2, 3, 4, 5, 6]);
  });

  it('drops what waits, and not what was given', () => {
    const { gate, given } = open(1);
    gate.addBatch(batch(1, 2, 3));
    assert.equal(gate.withdraw(1), false);
    assert.equal(gate.withdraw(2), true);
    assert.equal(gate.withdraw(2), false);
    gate.note(answers(DONE, 1));
    gate.open();
    assert.deepEqual(given, [1, 3]);
  });

  it('says when the last has been given', () => {
    const { gate } = open(1);
    let empty = 0;
    const say = (): void => {
      empty += 1;
    };
    gate.whenEmpty(say);
    assert.equal(empty, 1, 'at once when none waits');
    gate.addBatch(batch(1, 2, 3));
    gate.whenEmpty(say);
    gate.note(answers(DONE, 1));
    gate.open();
    assert.equal(empty, 1);
    gate.withdraw(3);
    assert.equal(empty, 2);
  });
});
