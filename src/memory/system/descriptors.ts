/**
 * Descriptors that go from one process to another: the system calls for it.
 *
 * How it works  The kernel hands a descriptor on with a datagram between Unix sockets (`SCM_RIGHTS`): a *mailbox* is bound to a name
 *               in Linux' abstract space, and whoever knows the name posts to it. Until it is collected the kernel holds the
 *               descriptor, and closes it when the mailbox is.
 * Layout        0 msghdr · 64 iovec · 96 control message · 160 address · 288 payload
 * Invariants    A descriptor that is kept has a number that Node has opened (`adopt`), so it is closed when this thread ends.
 * Source        unix(7), cmsg(3), sendmsg(2), recvmsg(2), dup(2).
 * @module
 */
import { Buffer } from 'node:buffer';
import { closeSync, openSync } from 'node:fs';
import { constants } from 'node:os';
import { getSystemErrorName } from 'node:util';
import { loadBehindGate } from '../load-gate.ts';
import { allocateShared } from '../shared-buffer.ts';
import { linux } from './linux.ts';
import { loadForeign } from './load-foreign.ts';

const AF_UNIX = 1;
const SOCK_DGRAM = 2;
const SOCK_NONBLOCK = 0o4000;
const CLOEXEC = 0o2000000;
const SOL_SOCKET = 1;
const SCM_RIGHTS = 1;
const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;
const MSG_CMSG_CLOEXEC = 0x4000_0000;

const IOVEC = 64;
const CONTROL = 96;
const ADDRESS = 160;
const PAYLOAD = 288;
const LONGEST = 64;
const BYTES = PAYLOAD + LONGEST;
/** A control message with one descriptor, without what would make room for a second one. */
const ONE_DESCRIPTOR = 20;

/** What was collected. */
export interface Posted {
  /** Not known to Node. */
  readonly fd: number;
  readonly payload: Buffer;
}

/** The calls. */
export interface DescriptorCalls {
  /** The same open file under another number, which Node closes with this thread. */
  duplicate(fd: number): number;
  /** Has a number that Node has opened stand for what `fd` does, which is closed. Undone when that fails. */
  moveTo(fd: number, own: number): void;
  /** A socket that takes what is posted to a name. Closed with `closeSync`. */
  mailbox(name: string): number;
  /** Posts a descriptor to a name. */
  post(name: string, fd: number, payload: Uint8Array): void;
  /** What was posted; undefined when nothing is there. */
  collect(mailbox: number): Posted | undefined;
}

let calls: DescriptorCalls | undefined;

/** The calls of this system. @throws UnsupportedPlatformError */
export function descriptors(): DescriptorCalls {
  linux();
  calls ??= loadBehindGate(makeCalls);
  return calls;
}

function makeCalls(): DescriptorCalls {
  const foreign = loadForeign();
  const socket = foreign.fn('socket', 'i32', ['i32', 'i32', 'i32']);
  const bind = foreign.fn('bind', 'i32', ['i32', 'i64', 'u32']);
  const sendmsg = foreign.fn('sendmsg', 'i64', ['i32', 'i64', 'i32']);
  const recvmsg = foreign.fn('recvmsg', 'i64', ['i32', 'i64', 'i32']);
  const dup3 = foreign.fn('dup3', 'i32', ['i32', 'i32', 'i32']);
  const buffer = allocateShared(BYTES);
  const address = foreign.addressOf(buffer);
  const bytes = Buffer.from(buffer);

  const check = (call: string, result: number): number => {
    if (result >= 0) return result;
    const errno = foreign.errno();
    const code = getSystemErrorName(-errno);
    throw Object.assign(new Error(`${call} failed: ${code}`), { code, errno: -errno, syscall: call });
  };

  /** Says what the next message is made of; `nameLength` 0: it comes from anywhere. */
  const prepare = (nameLength: number, payloadLength: number): void => {
    bytes.fill(0, 0, ADDRESS);
    bytes.writeBigInt64LE(nameLength === 0 ? 0n : BigInt(address + ADDRESS), 0);
    bytes.writeUInt32LE(nameLength, 8);
    bytes.writeBigInt64LE(BigInt(address + IOVEC), 16);
    bytes.writeBigInt64LE(1n, 24);
    bytes.writeBigInt64LE(BigInt(address + CONTROL), 32);
    bytes.writeBigInt64LE(BigInt(ONE_DESCRIPTOR), 40);
    bytes.writeBigInt64LE(BigInt(address + PAYLOAD), IOVEC);
    bytes.writeBigInt64LE(BigInt(payloadLength), IOVEC + 8);
  };

  /** Writes the address of a name; returns its length. */
  const addressOfName = (name: string): number => {
    bytes.writeUInt16LE(AF_UNIX, ADDRESS);
    bytes[ADDRESS + 2] = 0;
    return 3 + bytes.write(name, ADDRESS + 3, 'latin1');
  };

  const moveTo = (fd: number, own: number): void => {
    try {
      check('dup3', dup3(fd, own, CLOEXEC));
    } finally {
      linux().close(fd);
    }
  };

  /** A number that Node has opened; what it stands for is about to be replaced. */
  const placeholder = (fill: (own: number) => void): number => {
    const own = openSync('/', 'r');
    try {
      fill(own);
      return own;
    } catch (error) {
      closeSync(own);
      throw error;
    }
  };

  const newSocket = (): number =>
    placeholder((own) => moveTo(check('socket', socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | CLOEXEC, 0)), own));

  return {
    duplicate: (fd) => placeholder((own) => check('dup3', dup3(fd, own, CLOEXEC))),
    moveTo,
    mailbox(name) {
      const own = newSocket();
      try {
        check('bind', bind(own, address + ADDRESS, addressOfName(name)));
        return own;
      } catch (error) {
        closeSync(own);
        throw error;
      }
    },
    post(name, fd, payload) {
      const from = newSocket();
      try {
        prepare(addressOfName(name), payload.length);
        bytes.writeBigInt64LE(BigInt(ONE_DESCRIPTOR), CONTROL);
        bytes.writeInt32LE(SOL_SOCKET, CONTROL + 8);
        bytes.writeInt32LE(SCM_RIGHTS, CONTROL + 12);
        bytes.writeInt32LE(fd, CONTROL + 16);
        bytes.set(payload, PAYLOAD);
        check('sendmsg', sendmsg(from, address, MSG_NOSIGNAL | MSG_DONTWAIT));
      } finally {
        closeSync(from);
      }
    },
    collect(mailbox) {
      for (;;) {
        prepare(0, LONGEST);
        const length = recvmsg(mailbox, address, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
        if (length < 0) {
          if (foreign.errno() === constants.errno.EAGAIN) return undefined;
          check('recvmsg', length);
        }
        const rights = bytes.readInt32LE(CONTROL + 8) === SOL_SOCKET && bytes.readInt32LE(CONTROL + 12) === SCM_RIGHTS;
        if (bytes.readUInt32LE(40) < ONE_DESCRIPTOR || !rights) continue; // a datagram of somebody else, with nothing in it
        return {
          fd: bytes.readInt32LE(CONTROL + 16),
          payload: Buffer.from(bytes.subarray(PAYLOAD, PAYLOAD + length)),
        };
      }
    },
  };
}
