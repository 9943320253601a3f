/**
 * Waiting for whatever comes first: jobs in a queue, news over a pipe, the end of a process, or time.
 *
 * Nothing is taken by waiting, so nothing is lost when something else was first; and nothing is asked again and again.
 * @module
 */
import { Pipe, Process, Queue, waitAny } from '../src/index.ts';

const jobs = new Queue<string>({ scope: 'process' });
const { left: news, right: reporter } = new Pipe<string>({ duplex: false, scope: 'process' });

const child = new Process(
  async (out: typeof reporter) => {
    await out.send('started');
    for (const name of ['first', 'second', 'third']) await jobs.put(`${name} job`);
    await out.send('no more jobs');
    out.close();
  },
  [reporter],
);
child.start();
reporter.close();

const seen: string[] = [];
const open = new Set([jobs, news, child]);
while (open.has(child) || open.has(news) || jobs.size > 0) {
  for (const ready of await waitAny(open, { timeout: 60_000 })) {
    if (ready === jobs) seen.push(await jobs.get());
    else if (ready === child) {
      open.delete(child);
      seen.push(`ended with ${child.exitCode}`);
    } else {
      await news.recv().then(
        (text) => seen.push(text),
        () => open.delete(news), // the other side has closed
      );
    }
  }
}
console.log(seen.toSorted().join('\n'));

// Output:
// ended with 0
// first job
// no more jobs
// second job
// started
// third job
