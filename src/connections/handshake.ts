/**
 * The mutual challenge by which both sides show that they have the key, before anything else is read.
 *
 * How it works  Four messages of fixed size, no length among them. The client says hello, the listener says hello; each hello has
 *               32 random bytes. The client proves first, so a stranger gets nothing from a listener to try keys on. A proof is
 *               HMAC-SHA256, under the key, of the role of whoever proves, its answer, and both hellos whole.
 *
 *                 client                                            listener
 *                   │── HELLO  version, digest, limit, nonce ────────►│
 *                   │◄───────── HELLO  version, digest, limit, nonce ─│
 *                   │── PROOF  HMAC(key, 'client'  + both hellos) ───►│ compare; wrong: NO, close
 *         compare   │◄── VERDICT  yes, HMAC(key, 'listener' + both) ──│
 *                   │                  messages                       │
 *
 * Layout        HELLO    [magic, 8][version, u8][role, u8][key, u8][0][limit, u32][digest, 16][nonce, 32]
 *               PROOF    [yes or no, u8][HMAC, 32]; so is VERDICT
 * Invariants    1. A proof cannot be replayed (it is over two fresh nonces), sent back to its maker (it names the role), or used
 *               for another version, digest or limit (it is over all of both hellos). 2. Over TLS it is also over a secret of that TLS session,
 *               so nobody can pass it on from one session to another. 3. Comparison takes the same time whatever differs.
 *               4. At most one hello and one proof are held for somebody who has not proved anything.
 * Source        CPython's `multiprocessing/connection.py` (3.12), whose proofs are over the nonce alone; ISO/IEC 9798-4 mechanism 4.
 * @module
 */
import { Buffer } from 'node:buffer';
import type * as Crypto from 'node:crypto';
import { AddressError, AuthenticationError, ProtocolError } from '../errors/connection-errors.ts';

export type Role = 'client' | 'listener';

/** What a side brings along. */
export interface HandshakeOptions {
  readonly role: Role;
  /** The key; null for none. An empty key is a key. */
  readonly key: Uint8Array | null;
  /** Bytes of a message that this side takes. */
  readonly maxMessage: number;
  /** What only the two ends of this very stream know, if there is such a thing. */
  readonly binding?: Uint8Array | undefined;
}

/** What a handshake ends with. */
export interface HandshakeResult {
  /** Bytes of a message that the other side takes. */
  readonly peerMaxMessage: number;
  /** What came behind it. */
  readonly rest: Buffer;
}

export const HELLO_BYTES = 64;
export const PROOF_BYTES = 33;
const MAGIC = Buffer.from('\xb6mnyhnds', 'latin1');
const VERSION = 1;
const DIGEST = 'sha256';
const YES = 1;
const NO = 0;
const BUSY = 2;
const ROLES: readonly Role[] = ['client', 'listener'];

/** Loaded when the first handshake begins. */
const crypto = (): typeof Crypto => process.getBuiltinModule('node:crypto');

/** One side of one handshake. Bytes in, bytes out; it knows no sockets. */
export class Handshake {
  readonly #role: Role;
  readonly #key: Uint8Array | null;
  readonly #binding: Uint8Array;
  readonly #send: (bytes: Buffer) => void;
  readonly #hello: Buffer;
  #peerHello: Buffer | undefined;
  #held = Buffer.alloc(0);

  /** @param send Called with what is to be sent. */
  constructor({ role, key, maxMessage, binding = Buffer.alloc(0) }: HandshakeOptions, send: (bytes: Buffer) => void) {
    this.#role = role;
    this.#key = key;
    this.#binding = binding;
    this.#send = send;
    this.#hello = Buffer.alloc(HELLO_BYTES);
    MAGIC.copy(this.#hello);
    this.#hello[8] = VERSION;
    this.#hello[9] = ROLES.indexOf(role);
    this.#hello[10] = key === null ? 0 : 1;
    this.#hello.writeUInt32LE(maxMessage, 12);
    this.#hello.write(DIGEST, 16, 'latin1');
    crypto().randomFillSync(this.#hello, 32);
    if (role === 'client') send(this.#hello);
  }

  /**
   * Takes in the next bytes of the stream.
   *
   * @param mayEnter Asked by a listener once the client has proved itself; false turns it away.
   * @returns how it ended, or undefined when it goes on
   * @throws AuthenticationError `ERR_AUTHENTICATION`; ProtocolError `ERR_BAD_MESSAGE`
   */
  push(chunk: Buffer, mayEnter: () => boolean = () => true): HandshakeResult | undefined {
    let bytes = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    if (this.#peerHello === undefined) {
      // what is no hello from its first byte on need not be waited for
      const begun = Math.min(bytes.length, MAGIC.length);
      if (bytes.compare(MAGIC, 0, begun, 0, begun) !== 0) throw new ProtocolError(NOT_OURS);
      if (bytes.length > MAGIC.length) this.#checkVersion(bytes[MAGIC.length] as number);
      if (bytes.length < HELLO_BYTES) return this.#hold(bytes);
      this.#takeHello(Buffer.from(bytes.subarray(0, HELLO_BYTES)));
      bytes = bytes.subarray(HELLO_BYTES);
    }
    if (bytes.length < PROOF_BYTES) return this.#hold(bytes);
    this.#takeProof(bytes.subarray(0, PROOF_BYTES), mayEnter);
    const peerMaxMessage = (this.#peerHello as Buffer).readUInt32LE(12);
    return { peerMaxMessage, rest: bytes.subarray(PROOF_BYTES) };
  }

  #hold(bytes: Buffer): undefined {
    this.#held = Buffer.from(bytes);
  }

  #checkVersion(version: number): void {
    if (version === VERSION) return;
    if (this.#role === 'listener') this.#send(this.#hello); // so that the client can say the same
    throw new ProtocolError(
      `The other side speaks version ${version} of the protocol, this side version ${VERSION}: two versions of the library.`,
    );
  }

  #takeHello(hello: Buffer): void {
    const other = ROLES[1 - ROLES.indexOf(this.#role)] as Role;
    if (this.#role === 'listener') this.#send(this.#hello);
    this.#peerHello = hello;
    if (hello[9] !== ROLES.indexOf(other)) {
      throw new ProtocolError(`Two sides met that are both ${this.#role}s: a hello was sent back to its sender.`);
    }
    const digest = hello.toString('latin1', 16, 32).replace(/\0+$/, '');
    if (digest !== DIGEST) {
      throw new AuthenticationError(
        `The ${other} wants the digest ${JSON.stringify(digest)}; this side knows ${DIGEST}.`,
      );
    }
    const wantsKey = hello[10] !== 0;
    if (wantsKey !== (this.#key !== null)) {
      const [with_, without] = wantsKey ? [other, this.#role] : [this.#role, other];
      if (this.#role === 'listener') this.#refuse();
      throw new AuthenticationError(
        `The ${with_} has a key and the ${without} has none (authKey: null). Both need the same key, or none.`,
      );
    }
    if (this.#role === 'client') this.#sendProof(YES);
  }

  #takeProof(message: Buffer, mayEnter: () => boolean): void {
    const answer = message[0] as number;
    const by = this.#role === 'client' ? 'listener' : 'client';
    const right = crypto().timingSafeEqual(message.subarray(1), this.#proof(by, answer));
    if (this.#role === 'client') return this.#checkVerdict(answer, right);
    if (answer !== YES || !right) {
      this.#refuse();
      throw new AuthenticationError('A client could not show that it has the key.');
    }
    const entered = mayEnter();
    this.#sendProof(entered ? YES : BUSY);
    if (!entered) {
      throw new AddressError('A client was turned away: too many connections wait for accept().', {
        code: 'ERR_CONNECTION_REFUSED',
      });
    }
  }

  #checkVerdict(answer: number, right: boolean): void {
    if (answer === NO) throw new AuthenticationError('The listener refused: its key is another one than ours.');
    if (!right || (answer !== YES && answer !== BUSY)) {
      throw new AuthenticationError(
        'The listener could not show that it has our key: it is another listener, or somebody stands between.',
      );
    }
    if (answer === YES) return;
    throw new AddressError('The listener takes no more connections before some were accepted.', {
      code: 'ERR_CONNECTION_REFUSED',
    });
  }

  #refuse(): void {
    this.#send(Buffer.alloc(PROOF_BYTES)); // NO, and no proof of anything
  }

  #sendProof(answer: number): void {
    this.#send(Buffer.concat([Buffer.from([answer]), this.#proof(this.#role, answer)]));
  }

  #proof(by: Role, answer: number): Buffer {
    const hmac = crypto().createHmac(DIGEST, this.#key ?? Buffer.alloc(0));
    const hellos = [this.#hello, this.#peerHello as Buffer];
    if (this.#role === 'listener') hellos.reverse();
    hmac.update(`manyhands connection: ${by} says ${answer}\n`);
    for (const hello of hellos) hmac.update(hello);
    return hmac.update(this.#binding).digest();
  }
}

const NOT_OURS = 'What answered speaks another protocol: it is no connection of this library.';
