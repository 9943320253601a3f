/**
 * Where a worker thread starts: waits for its setup, then runs the worker runtime over its port.
 *
 * The port is kept referenced, so an idle thread stays; the owner's side decides whether the program does.
 * @module
 */
import { availableParallelism, setPriority } from 'node:os';
import { receiveMessageOnPort, threadId, workerData } from 'node:worker_threads';
import { setMainModule } from '../../closures/main-module.ts';
import { exitsAlone, onExit } from '../../memory/exit-parts.ts';
import { keepGate } from '../../memory/load-gate.ts';
import { systemThread } from '../../memory/system-thread.ts';
import { wake } from '../../memory/wait.ts';
import { store } from '../../memory/words.ts';
import { keepThreadLot } from '../../sync/given-lot.ts';
import { whenChildrenEnded } from '../../workers/children.ts';
import { load, unload } from '../../workers/heap-cargo.ts';
import { beCalled } from '../../workers/identity.ts';
import type { ToWorker } from '../../workers/messages.ts';
import { askedToEndBy, haveOneTask, hearSignal } from '../../workers/runtime/current-task.ts';
import { rehearse, WorkerRuntime } from '../../workers/runtime/worker-runtime.ts';
import type { FromThread, ThreadData } from '../bare-thread.ts';
import { isHere, keepRoll } from '../roll.ts';

const { port, lot, roll, booted, gate, hears, nice } = workerData as ThreadData;
if (nice !== undefined) setPriority(systemThread(), nice); // of this thread alone
keepGate(gate);
keepThreadLot(lot);
keepRoll(roll);
if (booted !== undefined) {
  store(booted, 0, 1);
  wake(booted, 0);
}
/** Exit code of a thread that did not end of its own accord, as Node gives it. */
const ASKED_TO_END = 1;
let runtime: WorkerRuntime | undefined;

function receive(posted: ToWorker): void {
  const message = unload(posted);
  if (message.type === 'rehearsal') {
    rehearse(message.parts, 'thread');
    return;
  }
  if (message.type !== 'setup') {
    runtime?.receive(message);
    return;
  }
  const { setup } = message;
  setMainModule(setup.mainModule);
  beCalled(setup.identity);
  const nativeId = systemThread();
  store(hears, 1, nativeId);
  isHere(setup.entry ?? -1, threadId, nativeId);
  if (setup.oneTask === true) haveOneTask(() => store(hears, 0, process.listenerCount('SIGTERM') > 0 ? 1 : 0));
  runtime = new WorkerRuntime(
    {
      post: (answer, list) => port.postMessage(load(answer), list as never),
      drainMessages() {
        for (let next = receiveMessageOnPort(port); next !== undefined; next = receiveMessageOnPort(port)) {
          receive(next.message as ToWorker);
        }
      },
      onStopped: () => whenChildrenEnded(() => void leave(askedToEndBy() === undefined ? undefined : ASKED_TO_END)),
      onSignal: (name) => hearSignal(name, 0, () => void leave(ASKED_TO_END)),
      destination: setup.destination ?? 'thread',
      cores: availableParallelism(),
    },
    setup,
  );
  runtime.start();
}

/** Ends the thread once its output has been taken. */
async function leave(code?: number): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) {
    if (stream.writableLength > 0) await new Promise<void>((resolve) => stream.write('', () => resolve()));
  }
  const exitCode = Number(code ?? process.exitCode ?? 0);
  // From there on only Node has something left to do, and takes milliseconds. Somebody else might print something, or end otherwise.
  onExit(() => exitsAlone() && port.postMessage({ type: 'left', exitCode } satisfies FromThread), true);
  process.exit(exitCode);
}

port.on('message', receive);
