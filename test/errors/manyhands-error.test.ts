/**
 * The errors' classes: names, codes, and `instanceof` between two copies of the library.
 * @module
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  BrokenExecutor,
  CancelledError,
  InvalidOptionError,
  InvalidStateError,
  ManyhandsError,
  PoolClosedError,
  TimeoutError,
  WorkerDiedError,
  WorkerStartError,
} from '../../src/errors/index.ts';

type AnyClass = abstract new (...args: never[]) => object;
type Errors = typeof import('../../src/errors/index.ts');

const death = { worker: 'thread 3', threadId: 3, exitCode: 1, signal: null } as const;

const cases: readonly (readonly [error: ManyhandsError, name: string, code: string, classes: readonly AnyClass[]])[] = [
  [new ManyhandsError('m'), 'ManyhandsError', 'ERR_MANYHANDS', []],
  [new ManyhandsError('m', { code: 'ERR_X' }), 'ManyhandsError', 'ERR_X', []],
  [new BrokenExecutor('m'), 'BrokenExecutor', 'ERR_MANYHANDS', [BrokenExecutor]],
  [new WorkerDiedError('m', death), 'WorkerDiedError', 'ERR_WORKER_DIED', [WorkerDiedError, BrokenExecutor]],
  [
    new WorkerDiedError('m', death, { code: 'ERR_OUT_OF_MEMORY' }),
    'WorkerDiedError',
    'ERR_OUT_OF_MEMORY',
    [WorkerDiedError, BrokenExecutor],
  ],
  [new WorkerStartError('m'), 'WorkerStartError', 'ERR_WORKER_START', [WorkerStartError, BrokenExecutor]],
  [new TimeoutError('m'), 'TimeoutError', 'ERR_TIMEOUT', [TimeoutError]],
  [new CancelledError('m'), 'CancelledError', 'ERR_CANCELLED', [CancelledError]],
  [new PoolClosedError('m'), 'PoolClosedError', 'ERR_POOL_CLOSED', [PoolClosedError]],
  [new InvalidStateError('m'), 'InvalidStateError', 'ERR_INVALID_STATE', [InvalidStateError]],
  [new InvalidOptionError('m'), 'InvalidOptionError', 'ERR_INVALID_OPTION', [InvalidOptionError]],
];
const all: readonly AnyClass[] = [
  BrokenExecutor,
  CancelledError,
  InvalidOptionError,
  InvalidStateError,
  PoolClosedError,
  TimeoutError,
  WorkerDiedError,
  WorkerStartError,
];

describe('every error', () => {
  for (const [error, name, code, classes] of cases) {
    test(`${name} ${code}`, () => {
      assert.deepEqual([error.name, error.code, error.message], [name, code, 'm']);
      assert.ok(error instanceof Error && error instanceof ManyhandsError);
      for (const each of all) assert.equal(error instanceof each, classes.includes(each), each.name);
      assert.match(error.stack ?? '', new RegExp(`^${name}: m\n`));
      assert.ok(!Object.keys(error).includes('name'), 'the name is no field of each error');
    });
  }

  test('keeps its cause', () => {
    const cause = new Error('why');
    assert.equal(new CancelledError('m', { cause }).cause, cause);
    assert.equal(new WorkerStartError('m', { cause }).cause, cause);
    assert.ok(!('cause' in new TimeoutError('m')));
  });

  test('a death tells what is known of it', () => {
    const error = new WorkerDiedError('m', { ...death, pid: 4711, task: 'resize', args: "'a.jpg'" });
    const { worker, pid, threadId, exitCode, signal, task, args } = error;
    assert.deepEqual(
      { worker, pid, threadId, exitCode, signal, task, args },
      { ...death, pid: 4711, task: 'resize', args: "'a.jpg'" },
    );
  });
});

describe('instanceof', () => {
  test('holds between two copies of the library', async () => {
    const url = import.meta.resolve('../../src/errors/manyhands-error.ts');
    const copy = (await import(`${url}?copy`)) as Pick<Errors, 'ManyhandsError'>;
    assert.notEqual(copy.ManyhandsError, ManyhandsError);
    assert.ok(new copy.ManyhandsError('m') instanceof ManyhandsError);
    assert.ok(new TimeoutError('m') instanceof copy.ManyhandsError);
    assert.ok(!(new copy.ManyhandsError('m') instanceof TimeoutError));
  });

  test('says no to everything else', () => {
    for (const value of [undefined, null, 1, 'x', {}, Object.create(null), new Error('x'), () => 1]) {
      assert.ok(!((value as unknown) instanceof ManyhandsError));
    }
  });

  test("of a program's own subclass holds for that class alone", () => {
    class Mine extends ManyhandsError {}
    class MyTimeout extends TimeoutError {}
    assert.ok(new Mine('m') instanceof Mine && new Mine('m') instanceof ManyhandsError);
    assert.ok(new MyTimeout('m') instanceof TimeoutError);
    assert.ok(!(new TimeoutError('m') instanceof Mine));
    assert.ok(!(new TimeoutError('m') instanceof MyTimeout));
    assert.ok(!(new ManyhandsError('m') instanceof Mine));
  });
});
