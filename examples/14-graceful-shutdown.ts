/**
 * A program that finishes what it has begun before it ends.
 *
 * Press Ctrl-C once: what is under way is finished, the pool is closed, the clerk saves its book, and the program ends
 * by SIGINT, as its exit status tells. Press it twice: everything ends at once. Without a terminal it starts a copy of itself and
 * asks that to end by SIGTERM, as systemd or Docker would.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { Event, Pool, Process, shutdownOn, sleep, taskSignal } from '../src/index.ts';

/** A page takes its time. */
async function print(page: number): Promise<string> {
  await sleep(200);
  return `page ${page}`;
}

/** Works until it is asked to end, and then comes to its own end. */
async function clerk(seated: Event): Promise<string> {
  const signal = taskSignal(); // from here on it is asked before it ends
  seated.set();
  let entries = 0;
  while (!signal.aborted) {
    entries += 1;
    await sleep(10);
  }
  console.log('clerk: asked to end (%s)', (signal.reason as { code: string }).code);
  return entries > 0 ? 'the book is saved' : 'nothing to save';
}

async function office(): Promise<void> {
  const pool = new Pool({ kind: 'process', workers: 2 });
  const seated = new Event({ scope: 'process' });
  const child = new Process(clerk, [seated]);
  child.start();
  const book = child.join();
  await seated.wait();

  const shutdown = shutdownOn(
    ['SIGINT', 'SIGTERM'],
    [
      pool, // closed first: no new pages, and those that have been begun are finished
      () => child.terminate({ grace: 60_000 }), // then asked to end, with a minute for it
      async () => console.log('clerk: %s, exit code %d', await book, child.exitCode),
    ],
  );
  shutdown.signal.addEventListener('abort', () => console.log('finishing what is under way'));

  let page = 0;
  while (!shutdown.signal.aborted) {
    const pages = [print, print].map((task) => pool.submit(task, (page += 1)));
    if (page === 2) console.log('printing');
    const printed = await Promise.all(pages);
    if (shutdown.signal.aborted) console.log('finished: %s', printed.length === 2 ? 'both pages' : 'not all');
  }
}

/** Starts a copy of this program, asks it to end once it prints, and tells how it ended. */
async function ask(): Promise<void> {
  const copy = spawn(process.execPath, [import.meta.filename, 'office'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(copy, 'exit');
  for await (const line of createInterface({ input: copy.stdout })) {
    console.log(line);
    if (line === 'printing') copy.kill('SIGTERM');
  }
  const [, signal] = await ended;
  console.log('ended by %s', signal);
}

if (process.stdout.isTTY || process.argv[2] === 'office') await office();
else await ask();

// Output:
// printing
// finishing what is under way
// finished: both pages
// clerk: asked to end (ERR_CANCELLED)
// clerk: the book is saved, exit code -15
// ended by SIGTERM
