/**
 * The account again, and those who pay into it are processes.
 *
 * `scope: 'process'` is all that changes: the balance and its lock lie in memory between processes. One of them is killed while it
 * holds the lock; the next one is told, and the money is still counted right.
 * @module
 */
import { int32, Lock, OwnerDiedError, Process, sharedStruct, sleepSync } from '../src/index.ts';

class Account extends sharedStruct({ balance: int32, lock: Lock }) {
  deposit(money: number): void {
    this.lock.runSync(() => {
      const newBalance = this.balance + money;
      sleepSync(10);
      this.balance = newBalance;
    });
  }
}

const account = new Account({ scope: 'process' });
const tellers = Array.from({ length: 8 }, () => new Process((of: Account) => of.deposit(1), [account]));
for (const teller of tellers) teller.start();
for (const teller of tellers) await teller.join();
console.log('Balance: ￥%d Yuan of %d', account.balance, tellers.length);

const robber = new Process(
  (of: Account) => {
    of.lock.acquireSync();
    process.kill(process.pid, 'SIGKILL');
  },
  [account],
);
robber.start();
await robber.join().catch((error: Error) => console.log('The robber: %s', error.name));

try {
  account.deposit(1);
} catch (error) {
  if (!(error instanceof OwnerDiedError)) throw error;
  console.log('Whoever held the lock is dead: %s', error.code);
  // The balance is written last, so it is whole. Where it could be half changed, this is the place to mend it.
  account.lock.acquireSync({ recover: true }).release();
  account.deposit(1);
}
console.log('Balance: ￥%d Yuan', account.balance);

// Output:
// Balance: ￥8 Yuan of 8
// The robber: WorkerDiedError
// Whoever held the lock is dead: ERR_OWNER_DIED
// Balance: ￥9 Yuan
