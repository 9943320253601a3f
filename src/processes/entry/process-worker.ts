/**
 * Where a worker process starts: waits for its setup on descriptor 3, then runs the worker runtime. Its own messages leave by
 * descriptor 4.
 *
 * The process lives as long as its socket: when its owner dies the socket closes, and so does the process.
 * @module
 */
import { writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { availableParallelism } from 'node:os';
import { setMainModule } from '../../closures/main-module.ts';
import { whenChildrenEnded } from '../../workers/children.ts';
import { beCalled } from '../../workers/identity.ts';
import type { FromWorker, ToWorker } from '../../workers/messages.ts';
import { askedToEndBy, haveOneTask, hearSignal } from '../../workers/runtime/current-task.ts';
import { WorkerRuntime } from '../../workers/runtime/worker-runtime.ts';
import { endBySignal } from '../end-by-signal.ts';
import { encodeFrame, FrameReader } from '../frames.ts';

/** Descriptor on which the owner's messages come. */
const FROM_OWNER = 3;
/** Descriptor for messages to the owner. No stream of Node's may open it: that would keep it from blocking. */
const TO_OWNER = 4;
const socket = new Socket({ fd: FROM_OWNER, readable: true, writable: false });
let runtime: WorkerRuntime | undefined;

/**
 * Writes at once, and waits there while the pipe is full: what was posted has left this process even if the next instant
 * kills it.
 */
function post(message: FromWorker): void {
  const bytes = Buffer.concat(encodeFrame(message));
  let written = 0;
  while (written < bytes.length) {
    try {
      written += writeSync(TO_OWNER, bytes, written);
    } catch {
      process.exit(); // the owner is gone
    }
  }
}

function receive(message: ToWorker): void {
  if (message.type !== 'setup') {
    runtime?.receive(message);
    return;
  }
  setMainModule(message.setup.mainModule);
  beCalled(message.setup.identity);
  if (message.setup.oneTask === true) haveOneTask();
  runtime = new WorkerRuntime(
    {
      post,
      drainMessages() {}, // definitions come on the same stream, before the tasks that name them
      onStopped: () => whenChildrenEnded(leave),
      onSignal: (name) => hearSignal(name, 1, endBySignal), // one listener is the guard below
      destination: 'process',
      cores: availableParallelism(),
    },
    message.setup,
  );
  runtime.start();
}

/** Ends the process: by itself, or by the signal that its task was asked to end by, as that would have. */
function leave(): void {
  const signal = askedToEndBy();
  if (signal === undefined) process.exit();
  endBySignal(signal);
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
// Ctrl-C reaches the whole process group; the owner decides what becomes of its workers, and says so by message.
process.on('SIGINT', () => {});
