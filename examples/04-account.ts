/**
 * A hundred threads pay into one account, without a lock and with one.
 *
 * Each thread reads the balance, takes 10 ms to think, and writes what it has worked out. Whoever read the same balance
 * meanwhile overwrites it, and one of the two deposits is gone. With the lock each waits until the other is done, and the balance
 * is 100.
 * @module
 */
import { int32, Lock, sharedStruct, sleepSync, Thread } from '../src/index.ts';

/** Its fields lie in memory that all threads share; what travels to a thread is the place. */
class Account extends sharedStruct({ balance: int32, lock: Lock }) {
  deposit(money: number): void {
    const newBalance = this.balance + money;
    sleepSync(10);
    this.balance = newBalance;
  }

  depositLocked(money: number): void {
    this.lock.runSync(() => this.deposit(money));
  }
}

class AddMoneyThread extends Thread<void> {
  readonly account: Account;
  readonly locked: boolean;

  constructor(account: Account, locked: boolean) {
    super();
    this.account = account;
    this.locked = locked;
  }

  override run(): void {
    if (this.locked) this.account.depositLocked(1);
    else this.account.deposit(1);
  }
}

for (const locked of [false, true]) {
  const account = new Account();
  const threads = Array.from({ length: 100 }, () => new AddMoneyThread(account, locked));
  for (const thread of threads) thread.start();
  for (const thread of threads) await thread.join();
  console.log('%s the lock: ￥%d Yuan of %d', locked ? 'With' : 'Without', account.balance, threads.length);
}

// Output:
// Without the lock: ￥{{[1-9]\d?}} Yuan of 100
// With the lock: ￥100 Yuan of 100
