/**
 * Runs a handshake over a socket.
 *
 * Invariant  When it is done the socket is paused, and nothing listens to it but a listener that ignores its errors: not a byte behind the
 *            handshake is lost, and none is looked at.
 * @module
 */
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { EOFError } from '../errors/connection-errors.ts';
import { Handshake, type HandshakeOptions, type HandshakeResult } from './handshake.ts';

const BINDING_BYTES = 32;

/**
 * Both sides show that they have the key.
 *
 * @param mayEnter see `Handshake.push`
 * @throws AuthenticationError `ERR_AUTHENTICATION`; ProtocolError `ERR_BAD_MESSAGE`; EOFError `ERR_EOF`
 */
export function authenticate(
  socket: Socket,
  options: Omit<HandshakeOptions, 'binding'>,
  mayEnter?: () => boolean,
): Promise<HandshakeResult> {
  const { promise, resolve, reject } = Promise.withResolvers<HandshakeResult>();
  const gone = (cause?: Error): void => {
    const message = `The ${options.role === 'client' ? 'listener' : 'client'} hung up during the handshake.`;
    fail(new EOFError(message, cause === undefined ? {} : { cause }));
  };
  const onEnd = (): void => gone();
  const onData = (chunk: Buffer): void => {
    try {
      const result = handshake.push(chunk, mayEnter);
      if (result === undefined) return;
      stop();
      resolve(result);
    } catch (error) {
      fail(error);
    }
  };
  const stop = (): void => {
    socket.pause();
    socket.off('data', onData).off('end', onEnd).off('close', onEnd).off('error', gone);
  };
  const fail = (error: unknown): void => {
    stop();
    reject(error);
  };
  socket.on('error', () => {});
  const handshake = new Handshake({ ...options, binding: bindingOf(socket) }, (bytes) => socket.write(bytes));
  if (socket.destroyed || socket.readableEnded) gone();
  else socket.on('data', onData).on('end', onEnd).on('close', onEnd).on('error', gone).resume();
  return promise;
}

/** What only the two ends of a TLS session know (RFC 9266). */
function bindingOf(socket: Socket): Uint8Array | undefined {
  if (!('exportKeyingMaterial' in socket) || socket.destroyed) return undefined;
  return (socket as TLSSocket).exportKeyingMaterial(BINDING_BYTES, 'EXPORTER-Channel-Binding', Buffer.alloc(0));
}
