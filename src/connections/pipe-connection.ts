/**
 * One end of a pipe.
 *
 * How it works  An end sends into one line and receives from the other (`pipe-line.ts`); of a one-way pipe it has only one of them.
 *               Each thread that has an end open is counted; the last one that closes it, or dies, ends what the other side receives.
 * Invariants    1. An end that travels counts as open until it is opened on the other side. 2. What was sent can be received, also
 *               when its sender is gone.
 * @module
 */
import { inspect } from 'node:util';
import { BufferTooShort, ConnectionClosedError, EOFError } from '../errors/connection-errors.ts';
import { InvalidStateError, TimeoutError } from '../errors/executor-errors.ts';
import { ManyhandsError } from '../errors/manyhands-error.ts';
import { copyBytes } from '../memory/copy-bytes.ts';
import type { Scope } from '../memory/region.ts';
import { Items } from '../messaging/items.ts';
import type { Parcel, Wish } from '../queues/ends.ts';
import type { BytesLease } from '../queues/bytes-lease.ts';
import { handleMessage, isHandle } from '../queues/message.ts';
import { DONE, SHUT_DOWN } from '../queues/queue-end.ts';
import type { Received } from '../queues/receiver.ts';
import { type BlockPlace, packSymbol, unpackSymbol } from '../sync/place.ts';
import { type Readiness, readinessSymbol } from '../sync/readiness.ts';
import { noteTravel } from '../sync/travels.ts';
import { timeoutOf, type WaitOptions } from '../sync/wait-options.ts';
import { NOT_NOW } from '../sync/waitable.ts';
import { byteRange } from './byte-range.ts';
import type { Connection } from './connection.ts';
import type { Handle } from './given-handle.ts';
import type { SendHandleOptions } from './hand-over.ts';
import type * as Handles from './handles.ts';
import { OwnWaits } from './own-waits.ts';
import { PipeLine } from './pipe-line.ts';

/** The lines of an end. */
export interface EndLines {
  /** What it receives from; undefined when it can only send. */
  readonly from: PipeLine | undefined;
  /** What it sends to; undefined when it can only receive. */
  readonly to: PipeLine | undefined;
}

interface EndPlaces {
  readonly from: BlockPlace | undefined;
  readonly to: BlockPlace | undefined;
  /** Of its travel; see `presence.ts`. */
  readonly tickets: EndTickets;
}

interface EndTickets {
  readonly from: number | undefined;
  readonly to: number | undefined;
}

/** Ends that nobody refers to any more are closed. */
const abandoned = new FinalizationRegistry<EndLines>(closeLines);

/** The error for a message that is of another kind than was asked for. */
export function otherKind({ handle, tag }: Wish): Error {
  if (handle === true)
    return new ManyhandsError('The next message is no handle. It stays: recv() it.', { code: 'ERR_NOT_A_HANDLE' });
  if (isHandle(tag))
    return new ManyhandsError('The next message is a handle. It stays: recvHandle() it.', { code: 'ERR_NOT_A_VALUE' });
  return new ManyhandsError('The next message is a value, not bytes. It stays: recv() it.', { code: 'ERR_NOT_BYTES' });
}

/** Code that few programs need. */
const loadHandles = (): Promise<typeof Handles> => import('./handles.ts');

/** There once this thread can give handles away. */
let giving: typeof Handles | undefined;

async function readyToGive(): Promise<typeof Handles> {
  const handles = await loadHandles();
  await handles.openKeeper();
  giving = handles;
  return handles;
}

/**
 * One end of a `Pipe`: what it sends comes out at the other end. Can be sent to another thread, or process, where it is an end as well.
 *
 * **Python** `multiprocessing.connection.Connection`. Values and bytes travel through shared memory, not through the system.
 *
 * **Gotchas** Close the copy that you keep when the other thread or process is to be the only one there: the other end hears that an end
 * is closed when all who have it have closed it, or ended.
 */
export class PipeConnection<In = unknown, Out = In> implements Connection<In, Out> {
  readonly #from: PipeLine | undefined;
  readonly #to: PipeLine | undefined;
  #closed = false;
  readonly #waits = new OwnWaits();
  /** Sends that wait for room. */
  #sending = 0;
  /** There while a handle that was sent earlier has no place in the pipe yet. */
  #before: Promise<unknown> | undefined;

  /** @internal */
  constructor({ from, to }: EndLines, tickets?: EndTickets) {
    this.#from = from;
    this.#to = to;
    from?.receivers.open(tickets?.from);
    to?.senders.open(tickets?.to);
    abandoned.register(this, { from, to }, this);
  }

  /** Whether it can receive. */
  get readable(): boolean {
    return this.#from !== undefined;
  }

  /** Whether it can send. */
  get writable(): boolean {
    return this.#to !== undefined;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Among whom it is shared. */
  get scope(): Scope {
    return ((this.#from ?? this.#to) as PipeLine).scope;
  }

  /**
   * Sends a value; see `Connection`. Waits while as many messages are on their way as the pipe may hold.
   *
   * @throws EncodeError when it cannot travel; ConnectionClosedError `ERR_CONNECTION_CLOSED` when nobody has the other end any more;
   * TimeoutError `ERR_TIMEOUT`; ManyhandsError `ERR_ONE_WAY`
   */
  async send(value: Out, options?: WaitOptions): Promise<void> {
    if (this.#before !== undefined) await this.#turn();
    const { sender } = this.#writer;
    this.#sending += 1;
    try {
      sent(await sender.send(value, 0, options), options);
    } finally {
      this.#wasSent();
    }
  }

  /** As `send`; blocks this thread while it waits. */
  sendSync(value: Out, options?: WaitOptions): void {
    this.#checkOrder();
    sent(this.#writer.sender.sendSync(value, 0, timeoutOf(options)), options);
  }

  async sendBytes(bytes: ArrayBuffer | ArrayBufferView, offset = 0, size?: number): Promise<void> {
    if (this.#before !== undefined) await this.#turn();
    const { sender } = this.#writer;
    this.#sending += 1;
    try {
      sent(await sender.send(partOf(bytes, offset, size), 0, undefined), undefined);
    } finally {
      this.#wasSent();
    }
  }

  /** As `sendBytes`; blocks this thread while it waits. */
  sendBytesSync(bytes: ArrayBuffer | ArrayBufferView, offset = 0, size?: number): void {
    this.#checkOrder();
    sent(this.#writer.sender.sendSync(partOf(bytes, offset, size), 0, Infinity), undefined);
  }

  /** @throws EOFError `ERR_EOF`; TimeoutError `ERR_TIMEOUT`; ConnectionClosedError; ManyhandsError `ERR_ONE_WAY` */
  async recv(options?: WaitOptions): Promise<In> {
    return got(await this.#receive(options), options);
  }

  /** As `recv`; blocks this thread until there is a message. */
  recvSync(options?: WaitOptions): In {
    return got(this.#reader.receiver.receiveSync<In>(timeoutOf(options)), options);
  }

  async recvBytes(options?: WaitOptions): Promise<Uint8Array> {
    return ownBytes(await this.lease(options));
  }

  /** As `recvBytes`; blocks this thread until there is a message. */
  recvBytesSync(options?: WaitOptions): Uint8Array {
    return ownBytes(this.leaseSync(options));
  }

  async recvInto(buffer: ArrayBuffer | ArrayBufferView, offset = 0, options?: WaitOptions): Promise<number> {
    const target = partOf(buffer, offset);
    return copied(await this.lease(options), target);
  }

  /** As `recvInto`; blocks this thread until there is a message. */
  recvIntoSync(buffer: ArrayBuffer | ArrayBufferView, offset = 0, options?: WaitOptions): number {
    const target = partOf(buffer, offset);
    return copied(this.leaseSync(options), target);
  }

  /** The next message, which must be bytes, in the pipe's own memory where they are many: no copy. Release it when it has been read. */
  async lease(options?: WaitOptions): Promise<BytesLease> {
    const { receiver } = this.#reader;
    return got(await this.#waits.wait(options, (own) => receiver.lease(own)), options);
  }

  /** As `lease`; blocks this thread until there is a message. */
  leaseSync(options?: WaitOptions): BytesLease {
    return got(this.#reader.receiver.leaseSync(timeoutOf(options)), options);
  }

  /**
   * Hands a socket, a server or an open file to whoever has the other end: for pipes of scope `'process'`, on Linux. Resolves when the
   * other side has it. A socket is closed here then, which the peer at its other end does not notice; everything else stays open, and
   * `keepOpen` says otherwise.
   *
   * **Python** `multiprocessing.reduction.send_handle`, and sockets in messages. **Node** `subprocess.send(message, handle)`, between parent
   * and child only.
   *
   * **Gotchas** What goes over is the system's object, not Node's: listeners, timeouts and an `http.Server`'s requests stay here. This thread's
   * event loop has to run until it resolves. Do not read from a socket meanwhile; what was read of it and not delivered goes along.
   *
   * @throws InvalidOptionError `ERR_INVALID_OPTION` what is no handle; InvalidStateError `ERR_INVALID_STATE` one that is closed or busy, or a
   * pipe among threads; ConnectionClosedError `ERR_CONNECTION_CLOSED` nobody is there to have it; TimeoutError `ERR_TIMEOUT`
   * @example
   * const server = net.createServer({ pauseOnConnect: true }, (socket) => void workers[next()].sendHandle(socket));
   */
  async sendHandle(handle: Handle, options: SendHandleOptions = {}): Promise<void> {
    const { sender, receivers } = this.#writer;
    this.#checkScope();
    const loading = giving === undefined ? readyToGive() : undefined;
    if (loading !== undefined) this.#before = Promise.allSettled([this.#before, loading]);
    const put = async (ticket: Uint8Array): Promise<void> =>
      sent(await sender.sendMessage(handleMessage(ticket), options), options);
    this.#sending += 1; // from now on: whoever closes this end meanwhile leaves its line to this
    try {
      if (this.#before !== undefined) await this.#turn();
      const handles = giving ?? (await readyToGive());
      await handles.handOver(handle, { put, receivers }, options);
    } finally {
      this.#wasSent();
    }
  }

  /**
   * The next message, which must be a handle: what was sent, a socket, a server that listens, a `FileHandle`, or a descriptor's number. Other
   * messages stay, and this rejects with `ERR_NOT_A_HANDLE`.
   *
   * **Python** `multiprocessing.reduction.recv_handle`.
   *
   * **Gotchas** It has to be fetched from whoever sent it, whose event loop has to run for that. When this is given up meanwhile (`timeout`, `signal`)
   * the handle was not handed over: its `sendHandle` rejects, and it stays where it is. What comes at the last moment has a tenth of a second to be
   * fetched.
   *
   * @throws EOFError `ERR_EOF`; TimeoutError `ERR_TIMEOUT`; ManyhandsError `ERR_NOT_A_HANDLE`; ConnectionClosedError `ERR_HANDLE_GONE` whoever
   * sent it ended before it was received
   */
  async recvHandle(options?: WaitOptions): Promise<Handle> {
    const { receiver } = this.#reader;
    this.#checkScope();
    const end = performance.now() + timeoutOf(options);
    const left = (): number => Math.max(0, end - performance.now());
    const { takeOver } = await loadHandles();
    for (;;) {
      const within = options && { ...options, timeout: left() };
      const message = await this.#waits.wait(within, (own) => receiver.receiveHandle(own));
      const handle = await takeOver(got(message, options), left(), options?.signal);
      if (handle !== undefined) return handle;
    }
  }

  async poll(timeout = 0): Promise<boolean> {
    const { receiver } = this.#reader;
    return await this.#waits.wait({ timeout }, (own) => receiver.poll(own));
  }

  /** As `poll`; blocks this thread while it waits. */
  pollSync(timeout = 0): boolean {
    return this.#reader.receiver.pollSync({ timeout });
  }

  /** @internal */
  [readinessSymbol](): Readiness {
    const readiness = this.#reader.receiver.readiness();
    const whenReady = async (signal: AbortSignal): Promise<unknown> =>
      this.#waits.wait({ signal }, (own) => readiness.whenReady(own.signal));
    return { ...readiness, whenReady };
  }

  /**
   * Closes this end. Whoever waits for a message at it hears that it is closed; what waits for room to be sent goes out, and the other side
   * hears of the end after that.
   */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    abandoned.unregister(this);
    this.#waits.end(endIsClosed());
    closeLines({ from: this.#from, to: this.#sending > 0 ? undefined : this.#to });
  }

  #wasSent(): void {
    this.#sending -= 1;
    if (this.#closed && this.#sending === 0) closeLines({ from: undefined, to: this.#to });
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }

  /** Receives until the other side has closed, or this end was. */
  [Symbol.asyncIterator](): AsyncIterableIterator<In, undefined> {
    const end = new Error('the other side has closed');
    return new Items(
      async (options) => {
        const { outcome, value } = await this.#receive(options);
        if (outcome === SHUT_DOWN) throw end;
        return value as In;
      },
      (error) => error === end || (this.#closed && error instanceof ConnectionClosedError),
    );
  }

  /** Receives until the other side has closed; blocks this thread meanwhile. */
  *[Symbol.iterator](): Generator<In, void, undefined> {
    for (;;) {
      const { outcome, value } = this.#reader.receiver.receiveSync<In>(Infinity);
      if (outcome === SHUT_DOWN) return;
      yield value as In;
    }
  }

  #receive(options: WaitOptions | undefined): Promise<Received<In>> {
    const { receiver } = this.#reader;
    return this.#waits.wait(options, (own) => receiver.receive<In>(own));
  }

  get #reader(): PipeLine {
    this.#checkOpen();
    if (this.#from === undefined) throw oneWay('receive', 'send');
    return this.#from;
  }

  get #writer(): PipeLine {
    this.#checkOpen();
    if (this.#to === undefined) throw oneWay('send', 'receive');
    return this.#to;
  }

  /** Resolves once all that was called before has its place in the pipe; who awaits it at once has the next one. */
  #turn(): Promise<unknown> {
    const turn = Promise.resolve(this.#before).then(() => {
      if (this.#before === turn) this.#before = undefined;
    });
    this.#before = turn;
    return turn;
  }

  #checkOrder(): void {
    if (this.#before !== undefined)
      throw new InvalidStateError('A handle is being sent over this pipe. Await its sendHandle() before you block.');
  }

  #checkScope(): void {
    if (this.scope !== 'process')
      throw new InvalidStateError("Handles go over pipes between processes only: new Pipe({ scope: 'process' }).");
  }

  #checkOpen(): void {
    if (this.#closed) throw endIsClosed();
  }

  [inspect.custom](): string {
    if (this.#closed) return 'PipeConnection { closed }';
    const ways = [
      ...(this.#from === undefined
        ? []
        : [`${this.#from.length} to receive${this.#from.senders.gone ? ', then the end' : ''}`]),
      ...(this.#to === undefined ? [] : [`${this.#to.length} sent and not received`]),
    ];
    return `PipeConnection { ${ways.join('; ')} }`;
  }

  static [packSymbol](end: PipeConnection, destination: Scope): EndPlaces {
    end.#checkOpen();
    const lines: EndLines = { from: end.#from, to: end.#to };
    const places = { from: lines.from?.give(destination), to: lines.to?.give(destination) };
    const tickets = { from: lines.from?.receivers.travel(), to: lines.to?.senders.travel() };
    noteTravel(() => takeBack(lines, tickets));
    return { ...places, tickets };
  }

  static [unpackSymbol]({ from, to, tickets }: EndPlaces): PipeConnection {
    const lines = { from: from && PipeLine.receive(from, otherKind), to: to && PipeLine.receive(to, otherKind) };
    return new PipeConnection(lines, tickets);
  }
}

const endIsClosed = (): Error => new ConnectionClosedError('This end of the pipe is closed.');

function closeLines(lines: EndLines): void {
  lines.from?.receivers.close();
  lines.to?.senders.close();
  tellOthers(lines);
}

/** An end that was sent will not arrive any more, if it has not. */
function takeBack(lines: EndLines, { from, to }: EndTickets): void {
  if (from !== undefined) lines.from?.receivers.giveBack(from);
  if (to !== undefined) lines.to?.senders.giveBack(to);
  tellOthers(lines);
}

/** Whoever waits at the other end looks whether anybody has this one. */
function tellOthers({ from, to }: EndLines): void {
  from?.putters.wake();
  to?.getters.wake();
}

function sent({ outcome, error, message }: Parcel, options: WaitOptions | undefined): void {
  if (outcome === DONE) return;
  if (outcome === SHUT_DOWN) throw new ConnectionClosedError('Nobody has the other end of this pipe any more.');
  if (outcome === NOT_NOW) throw timedOut(options);
  throw (
    error ??
    new ConnectionClosedError(`This pipe has no memory for a message of ${message.length} bytes.`, {
      code: 'ERR_QUEUE_FULL',
    })
  );
}

function got<V>({ outcome, value }: Received<V>, options: WaitOptions | undefined): V {
  if (outcome === DONE) return value as V;
  if (outcome === SHUT_DOWN)
    throw new EOFError('Nobody has the other end of this pipe any more, and all that was sent has been received.');
  throw timedOut(options);
}

const timedOut = (options: WaitOptions | undefined): Error =>
  new TimeoutError(`Nothing came over the pipe, or there was no room, for ${options?.timeout ?? 0} ms.`);

const oneWay = (what: string, other: string): Error =>
  new ManyhandsError(`This end of a one-way pipe cannot ${what}; it can only ${other}.`, { code: 'ERR_ONE_WAY' });

function ownBytes(lease: BytesLease): Uint8Array {
  const { bytes, inPlace } = lease;
  const own = inPlace ? bytes.slice() : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength); // no `Buffer`, whatever its size
  lease.release();
  return own;
}

function copied(lease: BytesLease, target: Uint8Array): number {
  const { bytes } = lease;
  if (bytes.length > target.length) {
    const own = ownBytes(lease);
    throw new BufferTooShort(
      `A message of ${own.length} bytes does not fit into the ${target.length} bytes of the buffer; it is in \`bytes\` of this error.`,
      own,
    );
  }
  copyBytes(bytes, target.subarray(0, bytes.length));
  lease.release();
  return bytes.length;
}

function partOf(bytes: ArrayBuffer | ArrayBufferView, offset: number, size?: number): Uint8Array {
  const { buffer, byteOffset, length } = byteRange(bytes, offset, size);
  return new Uint8Array(buffer, byteOffset, length);
}
