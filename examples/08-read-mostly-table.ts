/**
 * A table of prices that many threads read and one changes now and then.
 *
 * With an RwLock readers do not wait for each other, and none of them sees a change half made: the two prices of an article
 * always belong together.
 * @module
 */
import { array, float64, int32, Latch, RwLock, sharedStruct, Thread } from '../src/index.ts';

const ARTICLES = 100;
const READERS = 3;
const LOOKS = 2000;
const VERSIONS = 20;

class Prices extends sharedStruct({
  version: int32,
  net: array(float64, ARTICLES),
  gross: array(float64, ARTICLES),
  lock: RwLock,
}) {
  /** Both prices of an article, as they are at one moment. */
  look(article: number): readonly [net: number, gross: number] {
    return this.lock.readSync(() => [this.net[article] as number, this.gross[article] as number]);
  }

  change(factor: number): void {
    this.lock.writeSync(() => {
      for (let article = 0; article < ARTICLES; article++) {
        this.net[article] = (article + 1) * factor;
        this.gross[article] = (article + 1) * factor * 1.25;
      }
      this.version += 1;
    });
  }
}

const prices = new Prices();
prices.change(1);
const ready = new Latch(READERS);

const readers = Array.from(
  { length: READERS },
  () =>
    new Thread(() => {
      ready.countDown();
      let torn = 0;
      for (let look = 0; look < LOOKS; look++) {
        const [net, gross] = prices.look(look % ARTICLES);
        if (gross !== net * 1.25) torn += 1;
      }
      return torn;
    }),
);
for (const reader of readers) reader.start();
await ready.wait();
for (let factor = 2; factor <= VERSIONS; factor++) prices.change(factor);
const torn = await Promise.all(readers.map((reader) => reader.join()));

console.log('Looks: %d, versions: %d', READERS * LOOKS, prices.version);
console.log(
  'Prices that did not belong together: %d',
  torn.reduce((sum, count) => sum + count, 0),
);

// Output:
// Looks: 6000, versions: 20
// Prices that did not belong together: 0
