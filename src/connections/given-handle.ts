/**
 * What can be handed to another process: sockets, servers, open files, descriptors; what there is to say of each, and how this side lets go
 * of it.
 *
 * Invariants  1. Whoever gives a socket away reads no more from it from then on. What had been read and not delivered goes along.
 *             2. A handle that could not be handed over is as it was.
 * @module
 */
import { closeSync, fstatSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { Server, Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { InvalidOptionError, InvalidStateError } from '../errors/executor-errors.ts';

/** What `sendHandle` takes, and `recvHandle` gives: a number is a file descriptor. */
export type Handle = Socket | Server | FileHandle | number;

/** What is said of a handle to whoever receives it. */
export type HandleDetails =
  | { readonly kind: 'fd' | 'file' | 'server' }
  | {
      readonly kind: 'socket';
      readonly allowHalfOpen: boolean;
      readonly readable: boolean;
      readonly writable: boolean;
      /** What had been read, in Base64. */
      readonly early: string;
    };

/** A handle, and how it is let go of. */
export interface GivenHandle {
  readonly fd: number;
  readonly details: HandleDetails;
  /** Whether this side keeps it unless it is asked not to. */
  readonly keptByDefault: boolean;
  /** Closes it on this side; nobody is told by it, since it goes on elsewhere. */
  close(): void | Promise<void>;
  /** It was not handed over. */
  restore(): void;
}

/** Node's own object behind a socket or server. */
interface NativeHandle {
  readonly fd: number;
  reading?: boolean;
  readStart?(): number;
  readStop?(): number;
}

/**
 * What is given, checked. A socket that is not kept is no longer read here.
 *
 * @throws InvalidOptionError `ERR_INVALID_OPTION` for what is no handle; InvalidStateError `ERR_INVALID_STATE` for one that is closed
 */
export function givenHandle(handle: unknown, keepOpen: boolean | undefined): GivenHandle {
  if (typeof handle === 'number') return givenNumber(handle);
  if (handle instanceof Server) return givenServer(handle);
  if (handle instanceof Socket) return givenSocket(handle, keepOpen === true);
  if (isFileHandle(handle)) return givenFile(handle);
  const what = typeof handle === 'object' && handle !== null ? `an object of class ${classOf(handle)}` : String(handle);
  throw new InvalidOptionError(
    `A handle is a net.Socket, a net.Server, a FileHandle of node:fs/promises or the number of a descriptor; this is ${what}.`,
  );
}

const nothing = (): void => {};

const classOf = (object: object): string =>
  (object as { readonly constructor?: { readonly name?: string } }).constructor?.name ?? 'unknown';

const isFileHandle = (handle: unknown): handle is FileHandle =>
  typeof handle === 'object' && handle !== null && classOf(handle) === 'FileHandle' && 'fd' in handle;

function givenNumber(fd: number): GivenHandle {
  try {
    fstatSync(fd);
  } catch (cause) {
    throw new InvalidOptionError(`${fd} is not the number of an open descriptor.`, { cause });
  }
  return { fd, details: { kind: 'fd' }, keptByDefault: true, close: () => closeSync(fd), restore: nothing };
}

function givenFile(file: FileHandle): GivenHandle {
  if (file.fd < 0) throw closed('file');
  return { fd: file.fd, details: { kind: 'file' }, keptByDefault: true, close: () => file.close(), restore: nothing };
}

function givenServer(server: Server): GivenHandle {
  const native = nativeOf(server);
  if (native === undefined) {
    throw new InvalidStateError(
      'This server does not listen, so there is nothing to hand over. Await its `listening` first.',
    );
  }
  const close = (): void => void server.close();
  return { fd: native.fd, details: { kind: 'server' }, keptByDefault: true, close, restore: nothing };
}

function givenSocket(socket: Socket, kept: boolean): GivenHandle {
  if (socket instanceof TLSSocket) {
    throw new InvalidOptionError('A TLS connection cannot be handed over: its keys and its state are in this process.');
  }
  const native = nativeOf(socket);
  if (socket.destroyed || native === undefined) throw closed('socket');
  if (socket.connecting) {
    throw new InvalidStateError('This socket is not connected yet. Await its `connect` before it is handed over.');
  }
  if (socket.writableLength > 0) {
    throw new InvalidStateError(
      `${socket.writableLength} bytes were written to this socket that the system has not taken yet. Await the callback of the last write before it is handed over.`,
    );
  }
  const early = kept ? undefined : stopReading(socket, native);
  return {
    fd: native.fd,
    details: {
      kind: 'socket',
      allowHalfOpen: socket.allowHalfOpen,
      readable: socket.readable,
      writable: socket.writable,
      early: early?.toString('base64') ?? '',
    },
    keptByDefault: false,
    close: () => void socket.destroy(),
    restore() {
      if (kept || socket.destroyed) return;
      if (early !== undefined) socket.unshift(early);
      native.reading = true;
      native.readStart?.();
    },
  };
}

/** Stops reading. @returns what had been read and not delivered */
function stopReading(socket: Socket, native: NativeHandle): Buffer | undefined {
  const unread = socket.readableLength;
  if (unread > 0 && (socket.listenerCount('data') > 0 || socket.readableEncoding !== null)) {
    throw new InvalidStateError(
      `${unread} bytes were read from this socket that nobody here has got yet, and somebody may: it has listeners for data, or an encoding. ` +
        'Read them, or take the listeners away, before it is handed over.',
    );
  }
  native.reading = false;
  native.readStop?.();
  return unread > 0 ? ((socket.read() as Buffer | null) ?? undefined) : undefined;
}

/** What is behind a socket or server, when it has a descriptor. */
function nativeOf(object: Socket | Server): NativeHandle | undefined {
  const native = (object as { readonly _handle?: NativeHandle | null })._handle;
  if (native === undefined || native === null || !(native.fd >= 0)) return undefined;
  const kind = classOf(native);
  if (kind === 'TCP' || kind === 'Pipe') return native;
  throw new InvalidOptionError(`A ${kind} cannot be handed over: only sockets of TCP and of Unix, and their servers.`);
}

const closed = (what: string): Error =>
  new InvalidStateError(`This ${what} is closed, so there is nothing to hand over.`);
