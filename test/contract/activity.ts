/**
 * What `Thread` and `Process` have in common.
 * @module
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { InvalidOptionError, InvalidStateError, Process, Thread, transfer, WorkerDiedError } from '../../src/index.ts';
import { SelfProcess, SelfThread, SumProcess, SumThread } from './activities.ts';
import { withRendezvous } from './rendezvous.ts';
import {
  add,
  doubleLater,
  makePoint,
  meet,
  meetForever,
  meetThenBlock,
  Point,
  StockError,
  throwStockError,
  whereAmI,
} from './tasks.ts';
import { rejection, rejectionCode } from './with-pool.ts';

const classes = {
  thread: { Activity: Thread, Sum: SumThread, Self: SelfThread, word: 'Thread' },
  process: { Activity: Process, Sum: SumProcess, Self: SelfProcess, word: 'Process' },
} as const;

/** The contract, for threads or processes. */
export function activityContract(kind: 'thread' | 'process'): void {
  const { Sum, Self, word } = classes[kind];
  const Activity = classes[kind].Activity as typeof Thread;

  describe(`${word}: what both have in common`, () => {
    it('runs its function with its arguments elsewhere; join resolves to the result', async () => {
      const activity = new Activity(add, [1, 2]);
      assert.equal(activity.alive, false);
      assert.equal(activity.exitCode, null);
      activity.start();
      assert.equal(activity.alive, true);
      assert.equal(await activity.join(), 3);
      assert.equal(activity.alive, false);
      assert.equal(activity.exitCode, 0);
      const elsewhere = new Activity(whereAmI);
      elsewhere.start();
      assert.notEqual(await elsewhere.join(), whereAmI());
    });

    it('takes async functions, closures, class instances and large results', async () => {
      const factor = 7;
      const activities = [
        new Activity(doubleLater, [4]),
        new Activity((x: number) => x * factor, [6]),
        new Activity((point: Point) => point.length, [new Point(3, 4)]),
        new Activity(() => new Uint8Array(2 ** 20).fill(1).length),
        new Activity(() => undefined),
      ];
      for (const activity of activities) activity.start();
      assert.deepEqual(await Promise.all(activities.map((activity) => activity.join())), [
        8,
        42,
        5,
        2 ** 20,
        undefined,
      ]);
      const made = new Activity(makePoint, [6, 8]);
      made.start();
      const point = await made.join();
      assert.ok(point instanceof Point);
      assert.equal(point.length, 10);
    });

    it('arguments are taken when it is started; the list of them when it is made', async () => {
      const list = [1, 2];
      const inner = { n: 1 };
      const activity = new Activity((a: number, b: number, o: { n: number }) => a + b + o.n, [1, 2, inner]);
      list.push(3);
      inner.n = 10;
      activity.start();
      inner.n = 100;
      assert.equal(await activity.join(), 13);
    });

    it('moves what is marked for moving', async () => {
      const bytes = new Uint8Array(1000).fill(3);
      const activity = new Activity((moved: Uint8Array) => moved.length, [transfer(bytes, [bytes.buffer])]);
      activity.start();
      assert.equal(await activity.join(), 1000);
      if (kind === 'thread') assert.equal(bytes.length, 0);
    });

    it('without a function it does nothing, successfully', async () => {
      const activity = new Activity();
      activity.start();
      assert.equal(await activity.join(), undefined);
      assert.equal(activity.exitCode, 0);
    });

    it('processlifecyc-14: a subclass runs its `run`, with the fields of its instance', async () => {
      const sum = new Sum([1, 2, 3]);
      sum.note = 'four';
      sum.start();
      assert.equal(await sum.join(), 6 + 4);
    });

    it('in its own `run` a subclass knows its name and what it is', async () => {
      const self = new Self(undefined, [], { name: 'clerk', daemon: true });
      self.start();
      assert.equal(await self.join(), `clerk, daemon: true, ${word === 'Thread' ? 'SelfThread' : 'SelfProcess'}`);
    });

    it('threadlifecycl-01: an explicit name wins and becomes a string; otherwise kind, number and function', () => {
      assert.equal(new Activity(add, [1, 2], { name: 'hers' }).name, 'hers');
      assert.equal(new Activity(add, [1, 2], { name: 42 as unknown as string }).name, '42');
      assert.match(new Activity(add, [1, 2]).name, new RegExp(`^${word}-\\d+ \\(add\\)$`));
      assert.match(new Activity(add, [1, 2], { name: '' }).name, new RegExp(`^${word}-\\d+ \\(add\\)$`));
      assert.match(new Activity().name, new RegExp(`^${word}-\\d+$`));
      const [first, second] = [new Activity(), new Activity()];
      const number = (name: string): number => Number(/\d+/.exec(name)?.[0]);
      assert.equal(number(second.name), number(first.name) + 1);
      first.name = 'renamed';
      assert.equal(first.name, 'renamed');
    });

    it('threadlifecycl-15, threadlifecycl-26: starting twice is an error, also after the end', async () => {
      const activity = new Activity(add, [1, 2]);
      activity.start();
      assert.throws(() => activity.start(), InvalidStateError);
      assert.equal(await activity.join(), 3);
      assert.throws(() => activity.start(), { code: 'ERR_INVALID_STATE' });
    });

    it('joining before start is an error', async () => {
      const activity = new Activity(add, [1, 2]);
      assert.ok((await rejection(activity.join())) instanceof InvalidStateError);
      activity.start();
      assert.equal(await activity.join(), 3);
    });

    it('threadlifecycl-08, -21, -22: many may join, at once, twice and afterwards', async () => {
      const activity = new Activity(add, [1, 2]);
      activity.start();
      assert.deepEqual(await Promise.all([activity.join(), activity.join(), activity.join()]), [3, 3, 3]);
      assert.equal(await activity.join(), 3);
      assert.equal(await activity.join({ timeout: 1 }), 3);
    });

    it('threadlifecycl-09: join with a timeout resolves to undefined while it runs; a later join succeeds', () =>
      withRendezvous(async (meeting) => {
        const activity = new Activity(meet, [meeting.path, 'here']);
        activity.start();
        await meeting.untilArrived(1);
        assert.equal(await activity.join({ timeout: 5 }), undefined);
        assert.equal(activity.alive, true);
        assert.equal(activity.exitCode, null);
        assert.equal(await activity.join({ timeout: 0 }), undefined);
        meeting.open();
        assert.equal(await activity.join({ timeout: 60_000 }), 'here');
        assert.equal(activity.alive, false);
      }));

    it('a join timeout that is no number of at least 0 is refused, and the activity runs on', async () => {
      const activity = new Activity(add, [1, 2]);
      activity.start();
      for (const timeout of [-1, Number.NaN, '5' as never])
        await assert.rejects(activity.join({ timeout }), { code: 'ERR_INVALID_OPTION' });
      assert.equal(await activity.join({ timeout: undefined as never }), 3);
    });

    it('a very long join timeout is one that does not come', () =>
      withRendezvous(async (meeting) => {
        const activity = new Activity(meet, [meeting.path, 'here']);
        activity.start();
        const joined = activity.join({ timeout: Number.POSITIVE_INFINITY });
        await meeting.untilArrived(1);
        meeting.open();
        assert.equal(await joined, 'here');
      }));

    it('join with a signal ends the wait, not the activity', () =>
      withRendezvous(async (meeting) => {
        const activity = new Activity(meet, [meeting.path, 'here']);
        activity.start();
        await meeting.untilArrived(1);
        const stop = new AbortController();
        const joined = rejection(activity.join({ signal: stop.signal }));
        const reason = new Error('tired of waiting');
        stop.abort(reason);
        assert.equal(await joined, reason);
        assert.equal(await rejection(activity.join({ signal: stop.signal })), reason);
        assert.equal(activity.alive, true);
        meeting.open();
        assert.equal(await activity.join(), 'here');
      }));

    it('threadlifecycl-11: it shows as ended without anybody joining it', () =>
      withRendezvous(async (meeting) => {
        const activity = new Activity(meet, [meeting.path, 'here']);
        activity.start();
        meeting.open();
        await meeting.untilLeft(1);
        while (activity.alive) await new Promise((resolve) => setImmediate(resolve));
        assert.equal(activity.exitCode, 0);
      }));

    it('join rejects with what the function threw: its class, fields and cause; it ended by itself', async () => {
      const activity = new Activity(throwStockError, ['nut-m4']);
      activity.start();
      const error = await rejection(activity.join());
      assert.ok(error instanceof StockError);
      assert.equal(error.sku, 'nut-m4');
      assert.ok(error.cause instanceof TypeError);
      assert.equal(await rejection(activity.join()), error, 'each time the same');
      assert.equal(activity.alive, false);
      for (const thrown of [undefined, null, 0, '', 'text']) {
        const falsy = new Activity(
          (value: unknown) => {
            throw value;
          },
          [thrown],
        );
        falsy.start();
        assert.equal(await rejection(falsy.join()), thrown);
      }
    });

    it('what cannot travel fails at start, or at join, with a code', async () => {
      const held = new WeakMap();
      for (const bad of [
        new Activity((x: unknown) => x, [new WeakMap()]),
        new Activity(() => held.has({})),
        new Activity(() => new WeakMap() as unknown),
      ]) {
        let error: unknown;
        try {
          bad.start();
          await bad.join();
        } catch (thrown) {
          error = thrown;
        }
        assert.match(String((error as { code?: unknown } | undefined)?.code), /^ERR_/);
      }
    });

    it('what is no function is refused when it is made', () => {
      for (const bad of [null, 3, 'add', {}]) {
        assert.throws(
          () => new Activity(bad as never),
          (error) => error instanceof InvalidOptionError,
        );
      }
    });

    it('process.exit(n) in the function: join rejects, exitCode says n', async () => {
      for (const code of [0, 3]) {
        const activity = new Activity((n: number) => process.exit(n), [code]);
        activity.start();
        const error = await rejection(activity.join());
        assert.ok(error instanceof WorkerDiedError);
        assert.equal(error.code, 'ERR_WORKER_DIED');
        assert.match(error.message, new RegExp(`exit code ${code}`));
        assert.equal(activity.exitCode, code);
        assert.equal(activity.alive, false);
      }
    });

    it('an error thrown outside the function’s promise ends it; join rejects', async () => {
      const activity = new Activity(
        () =>
          new Promise(() => {
            setTimeout(() => {
              throw new RangeError('out of line');
            }, 1);
          }),
      );
      activity.start();
      const error = await rejection(activity.join());
      assert.ok(error instanceof WorkerDiedError);
      assert.equal(activity.exitCode, 1);
    });

    it('terminate and kill end it wherever it is, also in a blocking call', () =>
      withRendezvous(async (meeting) => {
        for (const [index, end] of (['terminate', 'kill', 'terminate', 'kill'] as const).entries()) {
          const task = index < 2 ? meetForever : meetThenBlock;
          const activity = new Activity(task as typeof meetForever, [meeting.path, end]);
          activity.start();
          await meeting.untilArrived(index + 1);
          await activity[end]();
          assert.equal(activity.alive, false);
          const error = await rejection(activity.join());
          assert.ok(error instanceof WorkerDiedError);
          assert.match(error.message, /meetForever|meetThenBlock/, 'names what ran');
          await meeting.untilLeft(index + 1);
        }
      }));

    it('terminate before start, right after start, and after the end', async () => {
      const early = new Activity(add, [1, 2]);
      await early.terminate();
      await early.kill();
      early.start();
      assert.equal(await early.join(), 3);
      await early.terminate();
      assert.equal(early.exitCode, 0);
      const hasty = new Activity(() => new Promise<never>(() => {})); // a short one could have its result already
      hasty.start();
      await hasty.terminate();
      assert.equal(hasty.alive, false);
      assert.equal(await rejectionCode(hasty.join()), 'ERR_WORKER_DIED', 'not that it could not be started');
    });

    it('daemon is set before start', async () => {
      const activity = new Activity(add, [1, 2], { daemon: true });
      assert.equal(activity.daemon, true);
      activity.daemon = false;
      assert.equal(activity.daemon, false);
      activity.start();
      assert.throws(() => {
        activity.daemon = true;
      }, InvalidStateError);
      assert.equal(await activity.join(), 3);
    });

    it('many at once, each with its own result', async () => {
      const activities = Array.from({ length: kind === 'thread' ? 16 : 6 }, (_, n) => new Activity(add, [n, 100]));
      for (const activity of activities) activity.start();
      const results = await Promise.all(activities.map((activity) => activity.join()));
      assert.deepEqual(
        results,
        activities.map((_, n) => n + 100),
      );
    });

    it('one after the other, with the spare that is kept for that', async () => {
      for (let n = 0; n < 10; n++) {
        const activity = new Activity(add, [n, 1]);
        activity.start();
        assert.equal(await activity.join(), n + 1);
      }
    });

    it('one started by another', async () => {
      const outer = new Activity(
        async (inner: 'thread' | 'process') => {
          const child = inner === 'thread' ? new Thread(add, [1, 2]) : new Process(add, [1, 2]);
          child.start();
          return await child.join();
        },
        [kind],
      );
      outer.start();
      assert.equal(await outer.join(), 3);
    });

    it('environment and flags of its own', async () => {
      const activity = new Activity(
        () => [process.env['MANYHANDS_X'], process.execArgv.includes('--no-warnings')],
        [],
        {
          env: { MANYHANDS_X: 'yes' },
          execArgv: ['--no-warnings'],
        },
      );
      activity.start();
      assert.deepEqual(await activity.join(), ['yes', true]);
      assert.equal(process.env['MANYHANDS_X'], undefined);
    });

    it('flags that Node refuses: join rejects with the reason', async () => {
      const activity = new Activity(add, [1, 2], { execArgv: ['--no-such-flag'] });
      activity.start();
      assert.equal(await rejectionCode(activity.join()), 'ERR_WORKER_START');
      assert.equal(activity.alive, false);
    });
  });
}
