/**
 * Queues against plain lists; whatever can be sent, sent by a queue; and queues between producers and consumers that run freely.
 * @module
 */
import assert from 'node:assert/strict';
import { describe, mock, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { LifoQueue, PriorityQueue, Process, Queue, type ScopeOptions, SimpleQueue, Thread } from '../../src/index.ts';
import { range } from '../contract/inputs.ts';
import { idOf, message } from '../crash/queue-workers.ts';
import { anyValue } from './any-value.ts';
import { consume, getThrees, produce, putNumbers } from './models/queue-crew.ts';
import { type Bounds, type Call, type Kind, QueueModel, rankOf, WAITS } from './models/queue-model.ts';

const RUNS = Number(process.env['MANYHANDS_RUNS'] ?? 100);
/** Messages of one producer for one queue. */
const MESSAGES = Number(process.env['MANYHANDS_MESSAGES'] ?? 150);

type Scope = NonNullable<ScopeOptions['scope']>;
type AnyQueue = Queue | LifoQueue | PriorityQueue | SimpleQueue;

const priority = (item: unknown): number => rankOf(idOf(item));
const make: Readonly<Record<Kind, (scope: Scope, maxSize: number) => AnyQueue>> = {
  Queue: (scope, maxSize) => new Queue({ scope, maxSize }),
  LifoQueue: (scope, maxSize) => new LifoQueue({ scope, maxSize }),
  PriorityQueue: (scope, maxSize) => new PriorityQueue({ scope, maxSize, priority }),
  SimpleQueue: (scope) => new SimpleQueue({ scope }),
};

const bounds = fc.oneof(
  { weight: 4, arbitrary: fc.constant('endless' as const) },
  { weight: 2, arbitrary: fc.constantFrom('timed', 'signal', 'zero') },
);
const each = <V extends string>(verb: V) => fc.record({ verb: fc.constant(verb), bounds, number: fc.nat(1000) });
const step = fc.oneof(
  { weight: 8, arbitrary: each('put') },
  { weight: 8, arbitrary: each('get') },
  { weight: 3, arbitrary: each('tryPut') },
  { weight: 3, arbitrary: each('tryGet') },
  { weight: 3, arbitrary: each('abort') },
  { weight: 3, arbitrary: each('expire') },
  { weight: 2, arbitrary: each('maxSize') },
  { weight: 4, arbitrary: each('taskDone') },
  { weight: 2, arbitrary: each('join') },
);
const steps = fc.tuple(fc.array(step, { maxLength: 60, size: 'max' }), fc.array(step, { maxLength: 10 }), fc.boolean());

type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** Does the same with a queue and with its model. */
class Scenario {
  readonly #queue: AnyQueue;
  readonly #model: QueueModel;
  readonly #calls: Call[] = [];
  readonly #seen: unknown[] = [];
  readonly #deadlines = new Map<Call, number>();
  readonly #aborters = new Map<Call, AbortController>();
  readonly #done: string[] = [];
  now = 0;

  constructor(kind: Kind, scope: Scope, maxSize: number) {
    this.#queue = make[kind](scope, maxSize);
    this.#model = new QueueModel(kind, kind === 'SimpleQueue' ? 0 : maxSize);
  }

  do({ verb, bounds: how, number }: Step): void {
    this.#done.push(`${this.#calls.length} ${verb} ${how} ${number}`);
    const queue = this.#queue;
    const model = this.#model;
    switch (verb) {
      case 'put':
        return this.#begin(how, (call, id, options) => (model.put(call, id), queue.put(message(id), options)));
      case 'get':
        return this.#begin(how, (call, _, options) => (model.get(call), queue.get(options)));
      case 'tryPut':
        return this.#begin('zero', (call, id) => (model.put(call, id), put(queue, id, number)));
      case 'tryGet':
        return this.#begin('zero', (call) => (model.get(call), get(queue, number)));
      case 'abort': {
        const waiting = this.#calls.filter(({ bounds: b, outcome }) => b === 'signal' && outcome === WAITS);
        const call = waiting[number % Math.max(1, waiting.length)];
        if (call === undefined) return;
        model.giveUp(call, 'GIVEN_UP');
        return this.#aborters.get(call)?.abort(Object.assign(new Error('given up'), { code: 'GIVEN_UP' }));
      }
      case 'expire': {
        const waiting = this.#calls.filter(({ bounds: b, outcome }) => b === 'timed' && outcome === WAITS);
        if (waiting.length === 0) return;
        const end = Math.min(...waiting.map((call) => this.#deadlines.get(call) as number));
        for (const call of waiting) if (this.#deadlines.get(call) === end) model.timeOut(call);
        const passed = end - this.now;
        this.now = end;
        return mock.timers.tick(passed);
      }
    }
    if (queue instanceof SimpleQueue) return;
    if (verb === 'maxSize') queue.maxSize = model.maxSize = number % 5;
    else if (verb === 'join') this.#begin(how, (call, _, options) => (model.join(call), queue.join(options)));
    else
      this.#begin('zero', (call) => {
        call.outcome = model.taskDone();
        queue.taskDone();
        return 'done';
      });
  }

  shutdown(immediate: boolean): void {
    this.#done.push(`shut down ${immediate ? 'at once' : ''}`);
    this.#model.shutdown(immediate);
    this.#queue.shutdown({ immediate });
  }

  #begin(how: Bounds, act: (call: Call, id: number, options: object | undefined) => unknown): void {
    const id = this.#calls.length;
    const call: Call = { bounds: how, outcome: WAITS };
    this.#calls.push(call);
    this.#seen.push(WAITS);
    const failed = ({ code, stack }: { code?: string; stack?: string }): void => void (this.#seen[id] = code ?? stack);
    try {
      const result = act(call, id, this.#optionsOf(call, id));
      if (result instanceof Promise) result.then((value) => (this.#seen[id] = outcomeOf(value)), failed);
      else this.#seen[id] = outcomeOf(result);
    } catch (error) {
      failed(error as Error);
    }
  }

  #optionsOf(call: Call, id: number): object | undefined {
    if (call.bounds === 'zero') return { timeout: 0 };
    if (call.bounds === 'timed') {
      const timeout = 10_000 * (1 + ((id * 37) % 64));
      this.#deadlines.set(call, this.now + timeout);
      return { timeout };
    }
    if (call.bounds === 'endless') return undefined;
    const aborter = new AbortController();
    this.#aborters.set(call, aborter);
    return { signal: aborter.signal };
  }

  async check(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    const wanted = [this.#model.state(), this.#calls.map(({ outcome }) => outcome)];
    const { size, empty, isShutDown } = this.#queue;
    const { full, maxSize, unfinished } = this.#queue as Queue;
    const state = { size, empty, isShutDown, ...(full === undefined ? {} : { full, maxSize, unfinished }) };
    if (!isDeepStrictEqual([state, this.#seen], wanted))
      assert.deepEqual([state, this.#seen], wanted, this.#done.join('\n'));
  }

  /** Ends all that still waits. */
  async end(): Promise<void> {
    this.shutdown(true);
    const queue = this.#queue;
    while (!(queue instanceof SimpleQueue) && queue.unfinished > 0)
      this.do({ verb: 'taskDone', bounds: 'zero', number: 0 });
    await this.check();
  }
}

const outcomeOf = (value: unknown): unknown =>
  value === undefined ? 'put' : typeof value === 'boolean' || value === 'done' ? value : idOf(value);

/** Those that do not wait, as a call with no time. */
function put(queue: AnyQueue, id: number, n: number): undefined {
  if (n % 2 === 0) queue.putSync(message(id), { timeout: 0 });
  else if (!queue.tryPut(message(id))) throw Object.assign(new Error('full'), { code: 'ERR_QUEUE_FULL' });
}

function get(queue: AnyQueue, n: number): unknown {
  const item = n % 2 === 0 ? queue.getSync({ timeout: 0 }) : queue.tryGet();
  if (item === undefined) throw Object.assign(new Error('empty'), { code: 'ERR_QUEUE_EMPTY' });
  return item;
}

for (const scope of ['thread', 'process'] as const) {
  describe(`queues, scope ${scope}`, { skip: scope === 'process' && process.platform !== 'linux' }, () => {
    for (const kind of ['Queue', 'LifoQueue', 'PriorityQueue', 'SimpleQueue'] as const) {
      test(`${kind}: as a list, whatever is done in one thread`, () =>
        fc.assert(
          fc.asyncProperty(fc.nat(3), steps, async (maxSize, [before, after, immediate]) => {
            const scenario = new Scenario(kind, scope, maxSize);
            mock.timers.enable({ apis: ['setTimeout'] });
            const clock = mock.method(performance, 'now', () => scenario.now);
            try {
              for (const one of before) {
                scenario.do(one);
                await scenario.check();
              }
              scenario.shutdown(immediate);
              await scenario.check();
              for (const one of after) {
                scenario.do(one);
                await scenario.check();
              }
              await scenario.end();
            } finally {
              clock.mock.restore();
              mock.timers.reset();
            }
          }),
          { numRuns: RUNS, includeErrorInReport: true },
        ));
    }

    test('any value comes out as it went in', () =>
      fc.assert(
        fc.asyncProperty(fc.array(anyValue, { minLength: 1, maxLength: 5 }), async (values) => {
          const [queue, heap] = [new SimpleQueue({ scope }), new PriorityQueue({ scope, priority: () => 0 })];
          const waiting = values.map(() => [queue.get(), heap.get()] as const);
          for (const value of values) {
            queue.putSync(value);
            await heap.put(value);
          }
          for (const [i, value] of values.entries())
            for (const got of await Promise.all(waiting[i] as readonly Promise<unknown>[]))
              assert.deepEqual(got, value);
          for (const value of values) await queue.put(value);
          for (const value of values) assert.deepEqual(queue.getSync(), value);
        }),
        { numRuns: RUNS },
      ));

    test('who waits first gets first, also when items come while the others begin to wait', async () => {
      const count = MESSAGES * 100;
      for (const maxSize of [0, 3]) {
        const queue = new Queue<number>({ scope, maxSize });
        const workers = [new Thread(getThrees, [queue]), new Thread(putNumbers, [queue, count])] as const;
        for (const worker of workers) worker.start();
        await workers[1].join();
        queue.shutdown();
        assert.deepEqual(await workers[0].join(), range(count));
      }
    });

    for (const [producers, consumers, Worker] of scope === 'thread'
      ? ([
          [2, 2, Thread],
          [4, 4, Thread],
        ] as const)
      : ([
          [2, 2, Process],
          [4, 4, undefined],
        ] as const)) {
      test(`${producers} put and ${consumers} get freely: nothing is lost, doubled, torn or overtaken`, async () => {
        const queues = [0, 3].flatMap((maxSize) => [
          new Queue({ scope, maxSize }),
          new LifoQueue({ scope, maxSize }),
          new PriorityQueue({ scope, maxSize, priority }),
        ]);
        /** Where no class is given, every other one is a thread of this process. */
        const kindOf = (n: number): typeof Thread | typeof Process => Worker ?? (n % 2 === 0 ? Process : Thread);
        const getting = range(consumers).map((n) => new (kindOf(n) as typeof Thread)(consume, [queues, n]));
        const putting = range(producers).map((n) => new (kindOf(n) as typeof Thread)(produce, [queues, n, MESSAGES]));
        for (const worker of [...getting, ...putting]) worker.start();
        await Promise.all(putting.map((worker) => worker.join()));
        for (const queue of queues) queue.shutdown();
        const got = (await Promise.all(getting.map((worker) => worker.join()))) as number[][][];
        for (const [at, queue] of queues.entries()) {
          assert.equal(queue.size, 0);
          const all = got.flatMap((lists) => lists[at] as number[]);
          const wanted = range(producers).flatMap((n) =>
            range(MESSAGES).map((i) => (n * queues.length + at) * MESSAGES + i),
          );
          assert.deepEqual(all.toSorted((a, b) => a - b), wanted); // biome-ignore format: short
          if (queue instanceof LifoQueue || queue instanceof PriorityQueue) continue;
          for (const lists of got) {
            const last = Array<number>(producers).fill(-1);
            for (const id of lists[at] as number[]) {
              const producer = Math.floor(id / MESSAGES / queues.length);
              assert.ok(id > (last[producer] as number), `${id} came after ${last[producer]}`);
              last[producer] = id;
            }
          }
        }
      });
    }
  });
}
