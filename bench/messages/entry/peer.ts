/**
 * The other side of a `Line`, in a thread or process of its own: it sends what it is asked for, and sends numbers back.
 * @module
 */
import { connect } from 'node:net';
import { workerData } from 'node:worker_threads';
import { BUFFERS, mark, ON_THE_WAY } from '../buffers.ts';
import { Items, ITEMS } from '../items.ts';
import { ipcLine, type Line, portLine, socketLine } from '../line.ts';
import { clock } from '../runs.ts';

/** What it is asked for: a number back, a run of small objects, a run of buffers, or it is told that a buffer was received. */
export type Request = number | 'items' | Buffers | 'seen' | ArrayBuffer;

/** A run of buffers: copied, or moved there and back again. */
export interface Buffers {
  readonly size: number;
  readonly move: boolean;
}

/** Follows a run: when it began. */
export interface Ran {
  readonly began: number;
}

function serve(line: Line): void {
  const items = new Items();
  let free: ArrayBuffer[] = [];
  let wanted: (() => void) | undefined;

  async function sendItems(): Promise<void> {
    const began = clock();
    for (let id = 0; id < ITEMS; id++) {
      const room = line.send(items.make(id));
      if (room !== undefined) await room;
    }
    void line.send({ began });
  }

  async function sendBuffers({ size, move }: Buffers): Promise<void> {
    free = move
      ? Array.from({ length: ON_THE_WAY }, () => new ArrayBuffer(size))
      : Array(ON_THE_WAY).fill(copied(size));
    const began = clock();
    for (let number = 0; number < BUFFERS; number++) {
      if (free.length === 0) await new Promise<void>((resolve) => (wanted = resolve));
      const bytes = new Uint8Array(free.pop() as ArrayBuffer);
      mark(bytes, number);
      const room = move ? line.send(bytes, [bytes.buffer]) : line.send(bytes);
      if (room !== undefined) await room;
    }
    void line.send({ began });
  }

  line.listen((value) => {
    const request = value as Request;
    if (typeof request === 'number') void line.send(request);
    else if (request === 'items') void sendItems();
    else if (request === 'seen' || request instanceof ArrayBuffer) {
      free.push(request === 'seen' ? copied() : request);
      wanted?.();
      wanted = undefined;
    } else void sendBuffers(request);
  });
}

let one = new ArrayBuffer(0);

/** The buffer that is sent again and again. */
function copied(size = one.byteLength): ArrayBuffer {
  if (one.byteLength !== size) one = new ArrayBuffer(size);
  return one;
}

const [path] = process.argv.slice(2);
if (workerData !== null) serve(portLine(workerData));
else if (path === undefined) serve(ipcLine(process));
else {
  const socket = connect(`\0${path}`, () => serve(socketLine(socket)));
  socket.on('close', () => process.exit());
}
