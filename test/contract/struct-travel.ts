/**
 * How structs in shared memory travel, whatever their scope.
 * @module
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { array, boolean, field, int32, Latch, Lock, type ScopeOptions, sharedStruct, string } from '../../src/index.ts';
import { workerOf } from './in-scope.ts';
import { withPool } from './with-pool.ts';

class Account extends sharedStruct({ balance: int32, owner: string(16), lock: Lock }) {
  limit = 0;

  deposit(money: number): void {
    this.lock.runSync(() => {
      this.balance += money;
    });
  }
}

class Savings extends Account {
  readonly rate: number;

  constructor(rate: number, scope: NonNullable<ScopeOptions['scope']>) {
    super({ scope, values: { owner: 'Ada' } });
    this.rate = rate;
    this.limit = 7;
  }

  grow(): void {
    this.deposit(this.rate);
  }
}

const Bank = sharedStruct({
  open: boolean,
  main: sharedStruct({ balance: int32, lock: Lock }),
  totals: array(int32, 4),
  done: field(Latch, 2),
});

/** An object of the user's own that has a struct among its fields. */
class Teller {
  readonly account: Account;
  readonly name: string;

  constructor(account: Account, name: string) {
    this.account = account;
    this.name = name;
  }

  work(times: number): void {
    for (let i = 0; i < times; i++) this.account.deposit(1);
  }
}

/** The contract of structs that travel. */
export function structTravelContract(scope: NonNullable<ScopeOptions['scope']>): void {
  const Worker = workerOf(scope);

  describe(`a struct travels, scope ${scope}`, () => {
    test('as an argument, within an object, in a field of a class, as a capture: all see one memory', async () => {
      const account = new Account({ scope });
      const workers = [
        new Worker((given: Account) => given.deposit(1), [account]),
        new Worker((given: { readonly list: readonly [Account] }) => given.list[0].deposit(10), [{ list: [account] }]),
        new Worker((teller: Teller) => teller.work(100), [new Teller(account, 'Bob')]),
        new Worker(() => account.deposit(1000)),
        new Worker((given: Map<string, Account>) => given.get('a')?.deposit(10_000), [new Map([['a', account]])]),
      ];
      for (const worker of workers) worker.start();
      await Promise.all(workers.map((worker) => worker.join()));
      assert.equal(account.balance, 11_111);
    });

    test('with its methods and, as copies, its own fields; its constructor is not called again', async () => {
      const savings = new Savings(5, scope);
      const worker = new Worker(
        (given: Savings) => {
          given.grow();
          given.limit += 1;
          return [given.constructor.name, given.owner, given.rate, given.limit, given instanceof Account];
        },
        [savings],
      );
      worker.start();
      assert.deepEqual(await worker.join(), ['Savings', 'Ada', 5, 8, true]);
      assert.deepEqual([savings.balance, savings.limit], [5, 7]);
    });

    test('back as a result, as what it was, and made anew by the worker', async () => {
      const account = new Account({ scope });
      await withPool({ kind: scope, workers: 1 }, async (pool) => {
        const same = await pool.submit((given: Account) => given, account);
        assert.ok(same instanceof Account);
        same.deposit(3);
        assert.equal(account.balance, 3);
        const made = await pool.submit((where) => new Account({ scope: where, values: { owner: 'Eve' } }), scope);
        assert.ok(made instanceof Account);
        await pool.submit((given: Account) => given.deposit(4), made);
        assert.deepEqual([made.owner, made.balance], ['Eve', 4]);
      });
    });

    test('what a worker has made and given back stays good when the worker has ended', async () => {
      const worker = new Worker((where) => new Account({ scope: where, values: { owner: 'Eve' } }), [scope]);
      worker.start();
      const made = (await worker.join()) as Account;
      made.deposit(2);
      assert.deepEqual([made.owner, made.balance], ['Eve', 2]);
    });

    test('in parts: a struct, a lock, an array within it', async () => {
      const bank = new Bank({ scope });
      const worker = new Worker(
        (main: { balance: number; readonly lock: Lock }, totals: Int32Array, lock: Lock, done: Latch) => {
          main.balance = 5;
          totals.fill(6, 1, 3);
          done.countDown();
          return [main.lock.locked, lock.locked];
        },
        [bank.main, bank.totals, bank.main.lock, bank.done],
      );
      const hold = bank.main.lock.acquireSync();
      worker.start();
      assert.deepEqual(await worker.join(), [true, true]);
      hold.release();
      bank.done.countDown();
      await bank.done.wait();
      assert.deepEqual([bank.main.balance, ...bank.totals], [5, 0, 6, 6, 0]);
    });

    test('one that has travelled travels on', async () => {
      const account = new Account({ scope });
      const worker = new Worker(
        async (given: Account, Inner: typeof Worker) => {
          const inner = new Inner((one: Account) => one.deposit(1), [given]);
          inner.start();
          await inner.join();
          given.deposit(10);
        },
        [account, Worker],
      );
      worker.start();
      await worker.join();
      assert.equal(account.balance, 11);
    });

    test('thousands of increments by several workers under its lock are all counted', async () => {
      const account = new Account({ scope });
      const workers = [1, 2, 3].map(
        () =>
          new Worker(
            (given: Account) => {
              for (let i = 0; i < 2000; i++) given.deposit(1);
            },
            [account],
          ),
      );
      for (const worker of workers) worker.start();
      await Promise.all(workers.map((worker) => worker.join()));
      assert.equal(account.balance, 6000);
    });
  });
}
