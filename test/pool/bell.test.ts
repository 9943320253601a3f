/**
 * The bell that wakes a pool which waits for answers, in the hand of a worker that dies.
 * @module
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { compareExchange, load } from '../../src/memory/words.ts';
import { ReplySender } from '../../src/messaging/reply-ring.ts';
import { TaskReceiver } from '../../src/messaging/task-ring.ts';
import type { DispatchOwner, Seat } from '../../src/pool/dispatcher.ts';
import { Notices } from '../../src/pool/notices.ts';
import { RingDispatcher } from '../../src/pool/ring-dispatcher.ts';
import { TaskTable } from '../../src/pool/task-table.ts';
import { CALL, DONE } from '../../src/workers/messages.ts';
import type { SharedSetup } from '../../src/workers/messages.ts';

const turn = (): Promise<unknown> => new Promise((resolve) => setImmediate(resolve));

describe('a worker that dies when it has taken the bell and not rung it', () => {
  test('keeps no answer of another one from being heard', async () => {
    const answered = Promise.withResolvers<readonly [id: number, value: unknown]>();
    const owner: DispatchOwner = {
      outstanding: 1,
      onAnswer: (id, _status, _extra, value) => answered.resolve([id, value]),
      reporter: () => undefined,
      isWanted: () => true,
      sendPayload: () => true,
      onDropped: () => {},
      onIdle: () => {},
      onLetGo: () => {},
    };
    const dispatcher = new RingDispatcher(owner, new Notices(new TaskTable()), 1);
    const [dying, living] = [dispatcher.seat(), dispatcher.seat()] as [Seat, Seat];
    const { bell, tasks, number, answers } = living.shared as SharedSetup;
    const words = new Int32Array(bell);
    assert.equal(dispatcher.put(7, 1, CALL, [1, 2]), true);
    while (load(words, 0) === 0) await turn(); // the pool goes to sleep
    assert.equal(compareExchange(words, 0, 1, 0), 1);
    dispatcher.leave(dying);

    const receiver = new TaskReceiver(tasks, number);
    assert.equal(receiver.take(), true);
    assert.deepEqual(receiver.values(), [1, 2]);
    receiver.letGo();
    assert.equal(new ReplySender(answers).send(receiver.id, DONE, 0, 'an answer'), 0);
    if (compareExchange(words, 0, 1, 0) === 1) dispatcher.onBatch(living, undefined); // as its message would
    for (let turns = 0; turns < 1000; turns++) await turn();
    answered.resolve([-1, 'nobody heard it']);
    assert.deepEqual(await answered.promise, [7, 'an answer']);
  });
});
