/**
 * A thread is not ended while it loads a native addon.
 *
 * How it works  One word for each thread: idle, loading, ending. The thread says when it loads; whoever ends it waits for as long as
 *               that takes, a few milliseconds, and says that it is ending it. A thread that would load after that does not
 *               begin, and waits for its end.
 * Why           V8 ends a thread by an exception in whatever it does. An addon that meets it in the middle of being loaded ends the
 *               whole process: `FATAL ERROR: Error::ThrowAsJavaScriptException napi_throw`.
 * When it dies  A thread that dies loading (a crash of the addon) takes the process with it. Whoever ends it waits for `PATIENCE`
 *               at most.
 * @module
 */
import { allocateShared } from './shared-buffer.ts';
import { waitAsync, waitSync, wake } from './wait.ts';
import { compareExchange, store, type Words } from './words.ts';

const IDLE = 0;
const LOADING = 1;
const ENDING = 2;
/** Milliseconds that loading may take, on a machine that does much else. */
const PATIENCE = 30_000;

/** This thread's own, when somebody may end it. */
let own: Words | undefined;

/** A gate for a thread that is being started. */
export const newGate = (): Words => new Int32Array(allocateShared(4));

/** This thread can be ended by whoever has the same gate. */
export function keepGate(gate: Words): void {
  own = gate;
}

/** Calls a function that loads an addon. */
export function loadBehindGate<T>(load: () => T): T {
  const gate = own;
  if (gate === undefined) return load();
  if (compareExchange(gate, 0, IDLE, LOADING) === ENDING) waitSync(gate, 0, ENDING);
  try {
    return load();
  } finally {
    compareExchange(gate, 0, LOADING, IDLE);
    wake(gate, 0);
  }
}

/** Resolves once a thread can be ended. */
export async function closeGate(gate: Words): Promise<void> {
  while (compareExchange(gate, 0, IDLE, ENDING) === LOADING) {
    if ((await waitAsync(gate, 0, LOADING, { timeout: PATIENCE })) === 'timed-out') store(gate, 0, ENDING);
  }
}

/** As `closeGate`, where there is no event loop any more. */
export function closeGateSync(gate: Words): void {
  while (compareExchange(gate, 0, IDLE, ENDING) === LOADING) {
    if (waitSync(gate, 0, LOADING, PATIENCE) === 'timed-out') store(gate, 0, ENDING);
  }
}
