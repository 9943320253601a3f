/**
 * The memory in which the threads of this process wait for each other, as it was given to this thread at its start.
 *
 * A file of its own, so that a thread that uses no locks loads nothing for them.
 * @module
 */
let given: SharedArrayBuffer | undefined;

/** Keeps it until somebody asks. */
export function keepThreadLot(buffer: SharedArrayBuffer): void {
  given = buffer;
}

/** What was given, if anything was. */
export const givenThreadLot = (): SharedArrayBuffer | undefined => given;
