/**
 * The system calls behind process scope, each under its own name.
 *
 * How it works  Loaded on first use and kept for the thread. Every failure is an error with the name of the call and of the
 *               error; what a caller expects to fail (a lock that is held) is a result.
 * Source        mmap(2), memfd_create(2), posix_fallocate(3), flock(2), futex(2), set_robust_list(2), pipe2(2), poll(2), sched_setaffinity(2).
 * @module
 */
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { getSystemErrorName } from 'node:util';
import { UnsupportedPlatformError } from '../../errors/sync-errors.ts';
import { loadBehindGate } from '../load-gate.ts';
import type { Foreign } from './foreign.ts';
import { loadForeign } from './load-foreign.ts';

const READ_WRITE = 3;
const MAP_SHARED = 0x1;
const MAP_FIXED = 0x10;
const MFD_CLOEXEC = 1;
const MFD_ALLOW_SEALING = 2;
const F_ADD_SEALS = 1033;
const F_SEAL_SHRINK = 2;
const FUTEX_WAIT = 0;
const FUTEX_WAKE = 1;
const O_NONBLOCK = 0o4000;
const O_CLOEXEC = 0o2000000;
const POLLIN = 1;
const LOCK_SHARED = 1;
const LOCK_EXCLUSIVE = 2;
const LOCK_NON_BLOCKING = 4;

/** Bytes from which on it is worth looking whether there is that much memory. */
const LARGE = 2 ** 28;

interface CallNumbers {
  readonly futex: number;
  readonly gettid: number;
  readonly setRobustList: number;
}

/** Numbers of the calls for which the C library has no function. */
const NUMBERS: Readonly<Record<string, CallNumbers>> = {
  x64: { futex: 202, gettid: 186, setRobustList: 273 },
  arm64: { futex: 98, gettid: 178, setRobustList: 99 },
};

/** The calls. */
export interface LinuxSystem {
  readonly foreign: string;
  /** Where a buffer's bytes are. */
  addressOf(buffer: SharedArrayBuffer): number;
  /** Lays a file's pages, from its `offset` on, over this process's pages from `address + offset` on. */
  mapOver(address: number, bytes: number, fd: number, offset: number): void;
  /** Maps a file somewhere and returns where; nothing unmaps it. */
  map(bytes: number, fd: number): number;
  /** A file without a name that cannot shrink; closed with `close`, or with the last process that holds it. */
  createMemoryFile(name: string): number;
  /**
   * Reserves the pages of the first `bytes`, so that touching them cannot fail later; `before` of them are there already.
   *
   * @throws Error (ENOSPC, ENOMEM)
   */
  reserve(fd: number, bytes: number, before: number): void;
  sealAgainstShrinking(fd: number): void;
  close(fd: number): void;
  /** Parks this thread while the word at `address` is `expected`, for `milliseconds` at most. */
  futexWait(address: number, expected: number, milliseconds: number): void;
  futexWake(address: number, count: number): void;
  /** This thread's number in the system. */
  threadId(): number;
  setRobustList(head: number): void;
  /** A pipe whose ends do not block; the kernel writes their numbers to an address: the one to read from, the one to write to. */
  pipeInto(address: number): void;
  /** Blocks this thread until there is something to read, for `milliseconds` at most. */
  waitReadable(fd: number, milliseconds: number): void;
  /** The cores that this thread may run on, as bits. */
  getAffinity(mask: Uint8Array): void;
  setAffinity(mask: Uint8Array): void;
  /** Locks an open file among all who open it. False when somebody else's lock is in the way. */
  lockFile(fd: number, kind: 'shared' | 'exclusive'): boolean;
}

let system: LinuxSystem | undefined;

/**
 * The calls of this system.
 *
 * @throws UnsupportedPlatformError `ERR_UNSUPPORTED_PLATFORM` where there are none
 */
export function linux(): LinuxSystem {
  system ??= load();
  return system;
}

function load(): LinuxSystem {
  const numbers = process.platform === 'linux' ? NUMBERS[process.arch] : undefined;
  if (numbers === undefined) {
    throw new UnsupportedPlatformError(
      `Memory between processes needs Linux on x64 or arm64; this is ${process.platform} on ${process.arch}. Use threads (scope: 'thread').`,
    );
  }
  try {
    return loadBehindGate(() => makeCalls(loadForeign(), numbers));
  } catch (cause) {
    throw new UnsupportedPlatformError(
      "Memory between processes needs the package 'koffi', which is not installed or cannot be loaded: npm install koffi.",
      { cause },
    );
  }
}

const noRoomFor = (bytes: number): string => `There is no room for ${bytes} bytes of shared memory: `;

/** Bytes that this process may still have, swap included. */
function availableMemory(): number {
  const swap = /^SwapFree:\s+(\d+) kB/mu.exec(readFileSync('/proc/meminfo', 'latin1'));
  return process.availableMemory() + Number(swap?.[1] ?? 0) * 1024;
}

function makeCalls(foreign: Foreign, numbers: CallNumbers): LinuxSystem {
  const mmap = foreign.fn('mmap', 'i64', ['i64', 'u64', 'i32', 'i32', 'i32', 'i64']);
  const memfdCreate = foreign.fn('memfd_create', 'i32', ['pointer', 'u32']);
  const fallocate = foreign.fn('posix_fallocate', 'i32', ['i32', 'i64', 'i64']);
  const fcntl = foreign.fn('fcntl', 'i32', ['i32', 'i32', 'i64']);
  const close = foreign.fn('close', 'i32', ['i32']);
  const flock = foreign.fn('flock', 'i32', ['i32', 'i32']);
  const pipe2 = foreign.fn('pipe2', 'i32', ['i64', 'i32']);
  const poll = foreign.fn('poll', 'i32', ['pointer', 'u64', 'i32']);
  const futex = foreign.fn('syscall', 'i32', ['i64', 'i64', 'i32', 'i32', 'pointer']);
  const robust = foreign.fn('syscall', 'i32', ['i64', 'i64', 'u64']);
  const plain = foreign.fn('syscall', 'i32', ['i64']);
  const polled = new Int32Array(2);
  const polledBytes = new Uint8Array(polled.buffer);
  const timeSpan = new BigInt64Array(2);

  const fail = (call: string, errno: number, what = ''): never => {
    throw Object.assign(new Error(`${what}${call} failed: ${getSystemErrorName(-errno)}`), {
      code: getSystemErrorName(-errno),
      errno: -errno,
      syscall: call,
    });
  };
  const check = (call: string, result: number): number => (result < 0 ? fail(call, foreign.errno()) : result);

  return {
    foreign: foreign.name,
    addressOf: (buffer) => foreign.addressOf(buffer),
    mapOver(address, bytes, fd, offset) {
      check('mmap', mmap(address + offset, bytes, READ_WRITE, MAP_SHARED | MAP_FIXED, fd, offset));
    },
    map: (bytes, fd) => check('mmap', mmap(0, bytes, READ_WRITE, MAP_SHARED, fd, 0)),
    createMemoryFile: (name) =>
      check('memfd_create', memfdCreate(Buffer.from(`${name}\0`), MFD_CLOEXEC | MFD_ALLOW_SEALING)),
    reserve(fd, bytes, before) {
      // A file without a name has no limit of its own: the system would take memory until it has to kill somebody.
      const more = bytes - before;
      if (bytes > LARGE && more > availableMemory()) fail('posix_fallocate', constants.errno.ENOMEM, noRoomFor(more));
      const errno = fallocate(fd, 0, bytes);
      if (errno !== 0) fail('posix_fallocate', errno, noRoomFor(bytes));
    },
    sealAgainstShrinking(fd) {
      check('fcntl', fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK));
    },
    close(fd) {
      check('close', close(fd));
    },
    futexWait(address, expected, milliseconds) {
      timeSpan[0] = BigInt(Math.floor(milliseconds / 1000));
      timeSpan[1] = BigInt(Math.floor((milliseconds % 1000) * 1e6));
      futex(numbers.futex, address, FUTEX_WAIT, expected, timeSpan);
    },
    futexWake(address, count) {
      futex(numbers.futex, address, FUTEX_WAKE, count, null);
    },
    threadId: () => plain(numbers.gettid),
    setRobustList(head) {
      check('set_robust_list', robust(numbers.setRobustList, head, 24));
    },
    pipeInto(address) {
      check('pipe2', pipe2(address, O_NONBLOCK | O_CLOEXEC));
    },
    waitReadable(fd, milliseconds) {
      polled[0] = fd;
      polled[1] = POLLIN;
      poll(polledBytes, 1, Math.ceil(milliseconds));
    },
    getAffinity(mask) {
      const call = foreign.fn('sched_getaffinity', 'i32', ['i32', 'u64', 'pointer']);
      check('sched_getaffinity', call(0, mask.length, mask));
    },
    setAffinity(mask) {
      const call = foreign.fn('sched_setaffinity', 'i32', ['i32', 'u64', 'pointer']);
      check('sched_setaffinity', call(0, mask.length, mask));
    },
    lockFile(fd, kind) {
      if (flock(fd, (kind === 'shared' ? LOCK_SHARED : LOCK_EXCLUSIVE) | LOCK_NON_BLOCKING) === 0) return true;
      const errno = foreign.errno();
      return errno === constants.errno.EAGAIN ? false : fail('flock', errno);
    },
  };
}
