/**
 * Where a worker process starts: waits for its setup on descriptor 3, then runs the worker runtime.
 *
 * The process lives as long as its socket: when its owner dies the socket closes, and so does the process.
 * @module
 */
import { Socket } from 'node:net';
import { availableParallelism } from 'node:os';
import { setMainModule } from '../../closures/index.ts';
import type { FromWorker, ToWorker } from '../../workers/messages.ts';
import { WorkerRuntime } from '../../workers/runtime/worker-runtime.ts';
import { encodeFrame, FrameReader } from '../frames.ts';

const socket = new Socket({ fd: 3, readable: true, writable: true });
let runtime: WorkerRuntime | undefined;

function post(message: FromWorker): void {
  const frame = encodeFrame(message);
  if (frame[1] !== undefined && frame[1].length > 65_536) for (const part of frame) socket.write(part);
  else socket.write(Buffer.concat(frame));
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
      onStopped: () => socket.end(() => process.exit()),
      destination: 'process',
      cores: availableParallelism(),
    },
    message.setup,
  );
  runtime.start();
}

const reader = new FrameReader<ToWorker>(receive);
socket.on('data', (chunk: Buffer) => reader.push(chunk));
socket.on('close', () => process.exit());
socket.on('error', () => process.exit());
// Ctrl-C reaches the whole process group; the owner decides what becomes of its workers.
process.on('SIGINT', () => {});
