/**
 * Where a worker process starts: waits for its setup on descriptor 3, then runs the worker runtime. Its own messages leave by
 * descriptor 4.
 *
 * The process lives as long as its socket: when its owner dies the socket closes, and so does the process.
 * @module
 */
import { Socket } from 'node:net';
import { availableParallelism } from 'node:os';
import { setMainModule } from '../../closures/main-module.ts';
import { whenChildrenEnded } from '../../workers/children.ts';
import { beCalled } from '../../workers/identity.ts';
import type { ToWorker } from '../../workers/messages.ts';
import { askedToEndBy, haveOneTask, hearSignal } from '../../workers/runtime/current-task.ts';
import { rehearse, WorkerRuntime } from '../../workers/runtime/worker-runtime.ts';
import { endBySignal } from '../end-by-signal.ts';
import { FROM_OWNER, hearOwner, postToOwner } from '../owner-line.ts';

let runtime: WorkerRuntime | undefined;

function receive(message: ToWorker): void {
  if (message.type === 'rehearsal') {
    rehearse(message.parts, 'process');
    return;
  }
  if (message.type !== 'setup') {
    runtime?.receive(message);
    return;
  }
  setMainModule(message.setup.mainModule);
  beCalled(message.setup.identity);
  if (message.setup.oneTask === true) haveOneTask();
  runtime = new WorkerRuntime(
    {
      post: (answer) => postToOwner(answer),
      drainMessages() {}, // definitions come on the same stream, before the tasks that name them
      onStopped: () => whenChildrenEnded(leave),
      onSignal: (name) => hearSignal(name, 1, endBySignal), // one listener is the guard of `hearOwner`
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

hearOwner(new Socket({ fd: FROM_OWNER, readable: true, writable: false }), receive);
