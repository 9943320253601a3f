/**
 * Where a worker process starts: waits for its setup on descriptor 3, then runs the worker runtime.
 *
 * The process lives as long as its socket: when its owner dies the socket closes, and so does the process.
 * @module
 */
import { writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { availableParallelism } from 'node:os';
import { setMainModule } from '../../closures/main-module.ts';
import { sleepSync } from '../../memory/sleep.ts';
import type { FromWorker, ToWorker } from '../../workers/messages.ts';
import { WorkerRuntime } from '../../workers/runtime/worker-runtime.ts';
import { encodeFrame, FrameReader } from '../frames.ts';

/** Descriptor of the socket pair. */
const CHANNEL = 3;
const socket = new Socket({ fd: CHANNEL, readable: true, writable: false });
let runtime: WorkerRuntime | undefined;

/**
 * Writes at once, blocking when the pipe is full: what was posted has left this process even if the next instant kills it.
 * The descriptor does not block by itself, because the socket that reads from it shares it.
 */
function post(message: FromWorker): void {
  const bytes = Buffer.concat(encodeFrame(message));
  let written = 0;
  while (written < bytes.length) {
    try {
      written += writeSync(CHANNEL, bytes, written);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EAGAIN') sleepSync(1);
      else process.exit(); // the owner is gone
    }
  }
}

function receive(message: ToWorker): void {
  if (message.type !== 'setup') {
    runtime?.receive(message);
    return;
  }
  setMainModule(message.setup.mainModule);
  runtime = new WorkerRuntime(
    {
      post,
      drainMessages() {}, // definitions come on the same stream, before the tasks that name them
      onStopped: () => process.exit(),
      destination: 'process',
      cores: availableParallelism(),
    },
    message.setup,
  );
  runtime.start();
}

/** What was printed has left this process even if the next instant ends it; by itself Node would keep what the owner has not read yet. */
for (const stream of [process.stdout, process.stderr]) {
  (stream as { readonly _handle?: { setBlocking?(on: boolean): void } })._handle?.setBlocking?.(true);
}

const reader = new FrameReader<ToWorker>(receive, (error) => {
  throw error;
});
socket.on('data', (chunk: Buffer) => reader.push(chunk));
socket.on('close', () => process.exit());
socket.on('error', () => process.exit());
// Ctrl-C reaches the whole process group; the owner decides what becomes of its workers.
process.on('SIGINT', () => {});
