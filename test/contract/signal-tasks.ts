/**
 * Functions about signals that the contract runs in threads and processes. They say how far they have come at a meeting point.
 * @module
 */
import { exit, type Lock, onSignal, type RLock, taskSignal } from '../../src/index.ts';

/** Says something at the meeting point. */
export async function announce(path: string, text: string): Promise<void> {
  const { connect } = process.getBuiltinModule('node:net');
  const socket = connect(path);
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.end(`${text}\n`, resolve);
  });
}

/** Never settles, and keeps its worker busy with that. */
export const forever = (): Promise<never> => new Promise(() => setInterval(() => {}, 60_000));

/** Asks for its signal, and comes to an end when it is aborted: resolves to the reason, or rejects with it. */
export async function endWhenAsked(path: string, how: 'resolve' | 'reject'): Promise<string> {
  const signal = taskSignal();
  await announce(path, 'asked');
  const reason = await new Promise<Error>((resolve) =>
    signal.addEventListener('abort', () => resolve(signal.reason as Error)),
  );
  await new Promise((resolve) => setImmediate(resolve)); // an end takes some turns
  if (how === 'reject') throw reason;
  return `${reason.name}: ${reason.message}`;
}

/** Asks for its signal, sees it and goes on. */
export async function seeAndGoOn(path: string): Promise<never> {
  taskSignal().addEventListener('abort', () => void announce(path, 'seen'));
  await announce(path, 'asked');
  return await forever();
}

/** Asks for its signal and then blocks, so that it never sees it. */
export async function askThenBlock(path: string): Promise<void> {
  taskSignal();
  await announce(path, 'asked');
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}

/** Hears signals by both kinds of listener until it has heard the last one. */
export async function hear(path: string, names: readonly NodeJS.Signals[], last: NodeJS.Signals): Promise<string[]> {
  const heard: string[] = [];
  const end = new Promise((resolve) => process.on(last, resolve));
  for (const name of names) {
    onSignal(name, (given, number) => {
      heard.push(`${given} ${number}`);
      void announce(path, given);
    });
  }
  onSignal(names[0] as NodeJS.Signals, () => heard.push('again'));
  onSignal(names[0] as NodeJS.Signals, () => heard.push('never'))();
  await announce(path, 'listening');
  await end;
  return heard;
}

/** Handles a signal and ends of its own accord. */
export async function handleAndReturn(path: string, name: NodeJS.Signals): Promise<string> {
  const handled = new Promise<string>((resolve) => void onSignal(name, (given) => resolve(`handled ${given}`)));
  await announce(path, 'listening');
  return await handled;
}

/** Waits for a lock while a signal comes, whose handler gives the wait up, or only says that it was called. */
export async function acquireUnderSignal(path: string, lock: Lock | RLock, gives: 'up' | 'way'): Promise<boolean> {
  const patience = new AbortController();
  onSignal('SIGALRM', () => {
    if (gives === 'up') patience.abort(new RangeError('the handler has thrown'));
    else void announce(path, 'handled');
  });
  return (await lock.acquire({ signal: patience.signal, timeout: 100_000 })) !== false;
}

/** The same, blocking: resolves to what it had heard when it had the lock, and after a turn of the event loop. */
export async function acquireSyncUnderSignal(lock: Lock | RLock): Promise<string> {
  let heard = 0;
  const called = new Promise<void>((resolve) => {
    onSignal('SIGALRM', () => {
      heard += 1;
      resolve();
    });
  });
  lock.acquireSync();
  const whileBlocked = heard;
  await called;
  return `${whileBlocked} then ${heard}`;
}

/** Ends its worker with a value. */
export const exitWith = (value: unknown): never => exit(value);
