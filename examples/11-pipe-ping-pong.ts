/**
 * Ping-pong over a pipe: with a thread and with a process, which only differ in the scope of the pipe.
 *
 * The end that the other side has is closed here, so that each side hears when the other one is gone.
 * @module
 */
import { Pipe, Process, Thread } from '../src/index.ts';

interface Ball {
  readonly from: string;
  readonly hits: number;
}

const HITS = 1000;

for (const [Worker, scope] of [
  [Thread, 'thread'],
  [Process, 'process'],
] as const) {
  const { left: mine, right: theirs } = new Pipe<Ball>({ scope });
  const player = new Worker(
    (end: typeof theirs) => {
      let hits = 0;
      for (const ball of end) {
        end.sendSync({ from: 'them', hits: ball.hits + 1 });
        hits += 1;
      }
      return hits;
    },
    [theirs],
  );
  player.start();
  theirs.close();

  let ball: Ball = { from: 'me', hits: 0 };
  while (ball.hits < HITS) {
    await mine.send({ from: 'me', hits: ball.hits + 1 });
    ball = await mine.recv();
  }
  mine.close(); // their loop ends
  console.log(
    '%s: %d hits, %d of them theirs; the last from %s',
    Worker.name,
    ball.hits,
    await player.join(),
    ball.from,
  );
}

// Output:
// Thread: 1000 hits, 500 of them theirs; the last from them
// Process: 1000 hits, 500 of them theirs; the last from them
