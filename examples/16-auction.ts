/**
 * An auction: objects that live in one place, used from several by proxies.
 *
 * The hammer is this thread's (`manage`): a bidder that is a process calls it, and an error that it throws arrives there as itself. What all see,
 * the bids and the lock, is a `Manager`'s. A list that came back is a frozen copy, so a bid that nobody would see cannot be made.
 */
import { manage, type Managed, Manager, Process, Thread } from '../src/index.ts';

/** Takes bids, one after the other. */
class Hammer {
  #highest = 100;
  readonly #names = new Set<string>();

  bid(name: string, amount: number): number {
    if (amount <= this.#highest) throw new RangeError(`${amount} is not more than ${this.#highest}`);
    this.#highest = amount;
    this.#names.add(name);
    return amount;
  }

  get highest(): number {
    return this.#highest;
  }

  bidders(): Set<string> {
    return this.#names;
  }
}

type Bids = Awaited<ReturnType<typeof manager.list<string>>>;

/** Bids more than the highest, twice. */
async function bidder(name: string, step: number, hammer: Managed<Hammer>, bids: Bids): Promise<string> {
  for (let round = 0; round < 2; round++) {
    await lock.acquire(); // captured, as any proxy can be
    const amount = await hammer.bid(name, (await hammer.highest) + step);
    await bids.push(`${name}: ${amount}`);
    await lock.release();
  }
  return hammer.bid(name, 1).catch((error: unknown) => `${name} hears: ${String(error)}`) as Promise<string>;
}

const manager = new Manager(); // a process; { kind: 'thread' } is one, too
await manager.start();
const bids = await manager.list<string>();
const lock = await manager.lock();
const hammer = await manage(new Hammer());

for (const [Kind, name, step] of [
  [Process, 'ann', 10],
  [Thread, 'bob', 20],
] as const) {
  const room = new Kind(bidder, [name, step, hammer, bids]);
  room.start();
  console.log(await room.join());
}

console.log('Highest: %d, by %o', await hammer.highest, [...(await hammer.bidders())]);
for await (const bid of bids) console.log(bid);
const copy = await hammer.bidders();
try {
  (copy as Set<string>).add('eve');
} catch (error) {
  console.log(String(error).split(';')[0]);
}
await manager.shutdown();

// Output:
// ann hears: RangeError: 1 is not more than 120
// bob hears: RangeError: 1 is not more than 160
// Highest: 160, by [ 'ann', 'bob', [length]: 2 ]
// ann: 110
// ann: 120
// bob: 140
// bob: 160
// TypeError: This is a frozen copy of something that lives elsewhere
