/**
 * A hundred threads pay into one account, without a lock. Money is lost.
 *
 * Each thread reads the balance, takes 10 ms to think, and writes what it has worked out. Whoever read the same balance
 * meanwhile overwrites it, and one of the two deposits is gone. A lock makes each wait until the other is done: with it the
 * balance would be 100. This library has no lock yet; the example shows why it needs one.
 * @module
 */
import { sleepSync, Thread } from '../src/index.ts';

class Account {
  /** Shared by all threads, while the Account around it is copied to each. */
  readonly cell = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));

  get balance(): number {
    return this.cell[0] ?? 0;
  }

  deposit(money: number): void {
    const newBalance = this.balance + money;
    sleepSync(10);
    this.cell[0] = newBalance;
  }
}

class AddMoneyThread extends Thread<void> {
  readonly account: Account;
  readonly money: number;

  constructor(account: Account, money: number) {
    super();
    this.account = account;
    this.money = money;
  }

  override run(): void {
    this.account.deposit(this.money);
  }
}

const account = new Account();
const threads: AddMoneyThread[] = [];
for (let count = 0; count < 100; count += 1) {
  const thread = new AddMoneyThread(account, 1);
  threads.push(thread);
  thread.start();
}
for (const thread of threads) await thread.join();

console.log('Deposits: %d', threads.length);
console.log('Account balance: ￥%d Yuan', account.balance);
console.log(account.balance < threads.length ? 'Deposits were lost.' : 'By luck no deposit was lost.');

// Output:
// Deposits: 100
// Account balance: ￥{{[1-9]\d?}} Yuan
// Deposits were lost.
