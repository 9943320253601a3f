/**
 * The program that is timed as a whole: a hundred threads pay 1 into an account, and each takes 10 ms over it, under a lock.
 * `account.py` is the same in Python.
 * @module
 */
import { Lock, sleepSync, Thread } from '../../dist/index.js';

class Account {
  lock = new Lock();
  cell = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));

  get balance() {
    return this.cell[0];
  }

  deposit(money) {
    const hold = this.lock.acquireSync();
    try {
      const newBalance = this.balance + money;
      sleepSync(10);
      this.cell[0] = newBalance;
    } finally {
      hold.release();
    }
  }
}

class AddMoneyThread extends Thread {
  constructor(account, money) {
    super();
    this.account = account;
    this.money = money;
  }

  run() {
    this.account.deposit(this.money);
  }
}

const account = new Account();
const threads = [];
for (let count = 0; count < 100; count += 1) {
  const thread = new AddMoneyThread(account, 1);
  threads.push(thread);
  thread.start();
}
for (const thread of threads) await thread.join();
console.log('Account balance: %d', account.balance);
