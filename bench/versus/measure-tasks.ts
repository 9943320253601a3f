/**
 * Measures awaited tasks of one kind in one shape, and checks that the results are right.
 * @module
 */
import assert from 'node:assert/strict';
import type { Figures } from '../harness/measurement.ts';
import { median, quantile } from '../harness/statistics.ts';
import type { Person, Team } from './contestant.ts';
import type { Test } from './measurement.ts';
import { type Call, type Timing, timeShape } from './shapes.ts';

type TasksTest = Extract<Test, { readonly test: 'tasks' }>;

/** Runs the test on a team. */
export async function measureTasks(
  team: Team,
  test: TasksTest,
  atLeast: number,
  mostInFlight: number,
): Promise<Figures> {
  const { call, check, prepare } = workOf(team, test);
  await check();
  const most = Math.min(mostInFlight, mostOfSize(test.size ?? 1));
  return figuresOf(await timeShape(test.shape, test.tasks, call, { atLeast, most, ...(prepare ? { prepare } : {}) }));
}

/** Figures of a timing: microseconds a task, and the round trip's spread when tasks went one after another. */
export function figuresOf({ batches, trips }: Timing): Figures {
  const us = median(batches);
  const spread = trips.length === 0 ? {} : { p50Us: quantile(trips, 0.5), p99Us: quantile(trips, 0.99) };
  return { us, ...spread, batches: batches.length };
}

interface WorkCalls {
  readonly call: Call;
  /** Asks for one result and compares it. */
  readonly check: () => Promise<void>;
  /** Makes what tasks give away, before the clock starts. */
  readonly prepare?: (tasks: number) => void;
}

function workOf(team: Team, { work, size = 1 }: TasksTest): WorkCalls {
  switch (work) {
    case 'add':
      return {
        call: (i) => team.add(i, 1),
        check: async () => assert.equal(await team.add(41, 1), 42),
      };
    case 'greet': {
      const person: Person = { id: 7, name: 'Grace Brewster Hopper', city: 'Arlington', email: 'grace@example.org' };
      return {
        call: () => team.greet(person),
        check: async () => assert.deepEqual(await team.greet(person), { ...person, id: 8 }),
      };
    }
    case 'text': {
      const value = 'manyhands '.repeat(Math.ceil(size / 10)).slice(0, size);
      return {
        call: () => team.text(value),
        check: async () => assert.equal(await team.text(value), value),
      };
    }
    case 'bytes': {
      const value = new Uint8Array(size).fill(7);
      return {
        call: () => team.bytes(value),
        check: async () => {
          const back = await team.bytes(value);
          assert.equal(back.length, size);
          assert.equal(back[size - 1], 7);
          assert.equal(value.length, size, 'the sender keeps its bytes');
        },
      };
    }
    case 'take': {
      let stock: Uint8Array<ArrayBuffer>[] = [];
      return {
        call: () => team.take(stock.pop() as Uint8Array<ArrayBuffer>),
        check: async () => assert.equal(await team.take(new Uint8Array(size)), size),
        prepare: (tasks) => {
          stock = Array.from({ length: tasks }, () => new Uint8Array(size));
        },
      };
    }
  }
}

/** Payloads of a GiB or more at once measure the machine's memory, not the library. */
function mostOfSize(size: number): number {
  return Math.max(1, Math.floor(2 ** 30 / size));
}
