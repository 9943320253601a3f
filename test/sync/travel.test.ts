/**
 * How locks travel, and where they may not.
 * @module
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  Barrier,
  BoundedSemaphore,
  Condition,
  EncodeError,
  Event,
  Latch,
  Lock,
  Pool,
  Process,
  RLock,
  RwLock,
  Semaphore,
  Thread,
} from '../../src/index.ts';
import { setExported } from './fixtures/set-exported.ts';

describe('a lock travels', () => {
  test('not to a process when it is for threads: refused at submit, with the way to it and what to do', async () => {
    const state = { lock: new Lock() };
    const refused = (error: unknown): boolean =>
      error instanceof EncodeError &&
      error.code === 'ERR_NOT_SHAREABLE' &&
      /\.lock.*new Lock\(\{ scope: 'process' \}\)/.test(error.message);
    const worker = new Process((given: { readonly lock: Lock }) => given.lock.locked, [state]);
    assert.throws(() => worker.start(), refused);
    assert.equal(state.lock.locked, false);
  });

  for (const scope of ['thread', 'process'] as const) {
    const Worker = scope === 'thread' ? Thread : Process;

    test(`as a captured variable and as a field, scope ${scope}`, async () => {
      const lock = new Lock({ scope });
      const fields = { condition: new Condition(lock), seats: new BoundedSemaphore(1, { scope }) };
      const hold = lock.acquireSync();
      const worker = new Worker(() => [
        lock.tryAcquire(),
        fields.condition.lock.locked,
        fields.seats.tryAcquire() !== false,
      ]);
      worker.start();
      assert.deepEqual(await worker.join(), [false, true, true]);
      hold.release();
    });

    test(`while the thread that starts a worker blocks at once, scope ${scope}`, async () => {
      class Setter extends (Worker as typeof Thread) {
        readonly event: Event;

        constructor(event: Event) {
          super();
          this.event = event;
        }

        override run(): void {
          this.event.set();
        }
      }
      const event = new Event({ scope });
      for (const worker of [new Setter(event), new Worker(setExported, [event])]) {
        event.clear();
        worker.start();
        assert.equal(event.waitSync({ timeout: 30_000 }), true);
        await worker.join();
      }
    });

    test(`as an instance of a subclass, whatever its constructor takes, scope ${scope}`, async () => {
      class Named extends Lock {
        constructor(_name: string) {
          super({ scope });
        }
      }
      class Seats extends Semaphore {
        constructor(_rows: number, _name: string) {
          super(1, { scope });
        }
      }
      class Round extends Barrier {
        constructor() {
          super(2, { scope });
        }
      }
      const named = new Named('a');
      const seats = new Seats(2, 'b');
      const round = new Round();
      named.acquireSync();
      seats.acquireSync();
      const worker = new Worker(
        (lock: Named, permits: Seats, barrier: Round) => [
          lock.locked,
          lock.constructor.name,
          permits.value,
          barrier.parties,
        ],
        [named, seats, round],
      );
      worker.start();
      assert.deepEqual(await worker.join(), [true, 'Named', 0, 2]);
    });

    test(`with the fields that a subclass adds, scope ${scope}`, async () => {
      class Named extends Lock {
        title = 'untitled';
        readonly until = new Event({ scope });
        constructor(title = 'made anew') {
          super({ scope });
          this.title = title;
        }
      }
      type Any = new (...args: readonly unknown[]) => object;
      const labelled = (Base: unknown, ...args: readonly number[]): object => {
        class Labelled extends (Base as Any) {
          label = (Base as Any).name;
        }
        return new Labelled(...args, { scope });
      };
      const named = new Named('d');
      const kin = [RLock, RwLock, Event, Condition].map((Base) => labelled(Base));
      kin.push(...[Semaphore, BoundedSemaphore, Latch, Barrier].map((Base) => labelled(Base, 1)));
      const worker = new Worker(
        (lock: Named, others: readonly object[]) => {
          lock.until.set();
          lock.title += ', there';
          return [lock.title, ...others.map((each) => (each as { readonly label?: string }).label)];
        },
        [named, kin],
      );
      worker.start();
      assert.deepEqual(await worker.join(), [
        'd, there',
        ...['RLock', 'RwLock', 'Event', 'Condition', 'Semaphore', 'BoundedSemaphore', 'Latch', 'Barrier'],
      ]);
      assert.deepEqual([named.title, named.until.isSet], ['d', true]);
      named.acquireSync();
      const held = new Worker((lock: Named) => [lock.locked, lock.tryAcquire(), lock.title], [named]);
      held.start();
      assert.deepEqual(await held.join(), [true, false, 'd']);
    });

    test(`to a pool and back, scope ${scope}`, async () => {
      const lock = new Lock({ scope });
      const pool = new Pool({ kind: scope, workers: 1 });
      try {
        lock.acquireSync();
        const same = await pool.submit((given: Lock) => given, lock);
        assert.equal(same.locked, true);
        same.release();
        assert.equal(lock.locked, false);
      } finally {
        await pool.close();
      }
    });
  }
});
