/**
 * What Node itself has, measured in the thread that receives, or asks.
 * @module
 */
import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { MessageChannel, Worker } from 'node:worker_threads';
import type { Figures } from '../harness/measurement.ts';
import { median } from '../harness/statistics.ts';
import { BUFFERS, checkMark } from './buffers.ts';
import type { Ran, Request } from './entry/peer.ts';
import { type Item, Items, ITEMS, Tally } from './items.ts';
import { ipcLine, type Line, portLine, socketLine } from './line.ts';
import type { NodeRunner } from './measurement.ts';
import { clock, WARM } from './runs.ts';
import { timeAwaitedTrips } from './trips.ts';

/** Microseconds a small object. */
export async function measureLineItems(runner: NodeRunner, atLeast: number): Promise<Figures> {
  const items = new Items();
  const tally = new Tally(ITEMS, ITEMS);
  const runs = await runsOf(runner, 'items', atLeast, ITEMS, (value, i) => {
    items.check(value as Item);
    tally.note(i, (value as Item).id);
    if (i === ITEMS - 1) tally.endRun();
  });
  return runs;
}

/** Microseconds a large buffer. */
export function measureLineBuffers(runner: NodeRunner, size: number, atLeast: number): Promise<Figures> {
  const move = runner === 'MessagePort transfer';
  return runsOf(runner, { size, move }, atLeast, BUFFERS, (value, i, line) => {
    const bytes = value as Uint8Array<ArrayBuffer>;
    checkMark(bytes, i, size);
    if (move) void line.send(bytes.buffer, [bytes.buffer]);
    else void line.send('seen');
  });
}

/** Microseconds there and back. */
export async function measureLineTrips(runner: NodeRunner, atLeast: number): Promise<Figures> {
  const line = await open(runner);
  let answer: ((value: number) => void) | undefined;
  line.listen((value) => answer?.(value as number));
  const trip = (value: number): Promise<number> => {
    const { promise, resolve } = Promise.withResolvers<number>();
    answer = resolve;
    void line.send(value);
    return promise;
  };
  await trip(0);
  return timeAwaitedTrips(trip, atLeast);
}

/** One run after another, of `count` messages each, until it is enough. */
async function runsOf(
  runner: NodeRunner,
  request: Request,
  atLeast: number,
  count: number,
  onMessage: (value: unknown, i: number, line: Line) => void,
): Promise<Figures> {
  const line = await open(runner);
  let come = 0;
  let ended = 0;
  let over: PromiseWithResolvers<number> | undefined;
  line.listen((value) => {
    if (come < count) {
      onMessage(value, come, line);
      come += 1;
      if (come === count) ended = clock();
    } else over?.resolve((value as Ran).began);
  });
  const figures: number[] = [];
  const begin = clock();
  for (let now = begin; now < begin + WARM + atLeast || figures.length === 0; now = clock()) {
    over = Promise.withResolvers();
    come = 0;
    void line.send(request);
    const began = await over.promise;
    if (now >= begin + WARM) figures.push(((ended - began) * 1000) / count);
  }
  return { us: median(figures), runs: figures.length };
}

const peer = new URL('./entry/peer.ts', import.meta.url);

/** Starts the other side. Resolves when it can be sent to. */
async function open(runner: NodeRunner): Promise<Line> {
  if (runner === 'Node IPC') return ipcLine(fork(peer, { serialization: 'advanced' }));
  if (runner === 'Unix socket') {
    // A name of the system's own: no file, so nothing to clean up.
    const path = `\0manyhands-bench-${process.pid}`;
    const server = createServer().listen(path);
    // An argument cannot hold a zero.
    spawn(process.execPath, [fileURLToPath(peer), path.slice(1)], { stdio: 'inherit' });
    const [socket] = (await once(server, 'connection')) as [Socket];
    server.close();
    return socketLine(socket);
  }
  const { port1, port2 } = new MessageChannel();
  new Worker(peer, { workerData: port2, transferList: [port2] });
  return portLine(port1);
}
