/**
 * Functions that the tests of hybrid pools run in workers.
 * @module
 */

/** Where it runs. */
export const whereIsIt = (): { readonly pid: number; readonly threadId: number } => ({
  pid: process.pid,
  threadId: process.getBuiltinModule('node:worker_threads').threadId,
});

/** Says where it is, waits to be let on, and then ends its thread. */
export async function meetThenExit(path: string, name: string, code: number): Promise<never> {
  const { connect } = process.getBuiltinModule('node:net');
  const socket = connect(path);
  await new Promise<void>((resolve) => {
    socket.once('connect', () => socket.write(`${name}\n`));
    socket.once('data', () => resolve());
  });
  return process.exit(code);
}

/** Says which process it is in, waits to be let on, and resolves to that. */
export async function meetInProcess(path: string): Promise<number> {
  const { connect } = process.getBuiltinModule('node:net');
  const socket = connect(path);
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.once('connect', () => socket.write(`${process.pid}\n`));
    socket.once('data', () => resolve());
    socket.once('close', () => reject(new Error('The meeting point was closed.')));
  });
  socket.destroy();
  return process.pid;
}

/** Fills its thread's heap. */
export function fillHeap(): number {
  const kept: number[][] = [];
  for (;;) kept.push(new Array<number>(100_000).fill(kept.length));
}

/** Ends its process. */
export const killOwnProcess = (): void => {
  process.kill(process.pid, 'SIGKILL');
  for (;;); // the signal ends it here
};

/** Blocks its thread where nothing can end it alone: nobody ever writes into the pipe of that name. */
export const blockInNative = (pipe: string): number => process.getBuiltinModule('node:fs').openSync(pipe, 'r');
