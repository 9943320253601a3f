/**
 * Who calls: what an object that is managed can ask while one of its methods begins.
 *
 * How it works  A method is called while `current` is set, so what it asks in its synchronous part is about its own call.
 * @module
 */

/** A client: one thread. */
export interface Client {
  /** Is told when the client is gone. Returns what takes it back. */
  onGone(run: () => void): () => void;
  /** Aborted when the client is gone. */
  readonly signal: AbortSignal;
}

let current: Client | undefined;

/** A client that never goes: whoever calls without a connection. */
const HERE: Client = { onGone: () => () => {}, signal: new AbortController().signal };

/** The client whose call has just begun. */
export const callingClient = (): Client => current ?? HERE;

/** Calls in a client's name. Stacks of errors are cut off at its name (`remote-error.ts`). */
export function calledByClient<T>(client: Client, run: () => T): T {
  const before = current;
  current = client;
  try {
    return run();
  } finally {
    current = before;
  }
}
