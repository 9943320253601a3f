/**
 * A segment: memory that processes share, under a `SharedArrayBuffer`.
 *
 * How it works  A growable `SharedArrayBuffer` reserves whole pages of address space; the pages of a file are laid over them
 *               before any view is made, and from then on it is a buffer like any other. The file is a memfd: it has no name,
 *               so there is nothing to clean up. Another process (or thread) opens it through `/proc/PID/fd/N` of one that
 *               has it, makes a mapping of its own and keeps a descriptor of its own, so the first may go.
 * Layout        64 bytes of header: magic, version of the layout, two words of identity, length; then the content.
 * Invariants    1. A segment never shrinks and is never unmapped under a live view: V8 unmaps it when its last holder lets go.
 *               2. The descriptor is closed when the region is garbage, and not before.
 *               3. Whoever opens checks the identity: a descriptor number may have been given to another file meanwhile.
 *               4. What was given away most recently is kept, so that it can be opened although the giver has dropped it.
 * When it dies  The kernel frees the pages with the last descriptor and mapping, however their holders end.
 * Source        mmap(2), memfd_create(2), fcntl(2) (file seals), proc(5).
 * @module
 */
import { closeSync, ftruncateSync, openSync, readSync } from 'node:fs';
import { SharedMemoryError } from '../errors/sync-errors.ts';
import { ProcessRegion } from './region.ts';
import { CACHE_LINE } from './shared-buffer.ts';
import { linux } from './system/linux.ts';

/** Bytes of header; the content begins there. */
export const SEGMENT_HEADER = CACHE_LINE;

const MAGIC = 0x6d68_7367;
/** Changes whenever the layout of anything in a segment does. */
const VERSION = 1;
const PAGE = 4096;
/** Segments given away that are kept alive. */
const KEPT = 256;

/** How another process finds a segment. */
export interface SegmentRef {
  readonly pid: number;
  readonly fd: number;
  /** Identity, as in the header. */
  readonly id: readonly [number, number];
  /** Bytes, header included. */
  readonly byteLength: number;
}

const known = new Map<string, WeakRef<Segment>>();
/** In the order in which they were last given. */
const given = new Set<Segment>();
const closer = new FinalizationRegistry<{ readonly fd: number; readonly key: string }>(({ fd, key }) => {
  closeSync(fd);
  if (known.get(key)?.deref() === undefined) known.delete(key);
});

/** Memory that processes share. */
export class Segment {
  readonly region: ProcessRegion;
  readonly #fd: number;
  readonly #id: readonly [number, number];

  private constructor(fd: number, byteLength: number, id: readonly [number, number]) {
    const buffer = new SharedArrayBuffer(byteLength, { maxByteLength: byteLength });
    linux().mapOver(linux().addressOf(buffer), byteLength, fd);
    this.region = new ProcessRegion(buffer);
    this.#fd = fd;
    this.#id = id;
    const key = id.join(':');
    known.set(key, new WeakRef(this));
    closer.register(this.region, { fd, key });
  }

  /**
   * New, zeroed memory without a name.
   *
   * @param content bytes of content, besides the header
   * @param options `sparse`: pages are found when they are touched, instead of now
   * @throws UnsupportedPlatformError; Error (ENOSPC, ENOMEM) when there is no room for it
   */
  static create(content: number, options: { readonly sparse?: boolean } = {}): Segment {
    const byteLength = Math.ceil((SEGMENT_HEADER + content) / PAGE) * PAGE;
    const made = linux().createMemoryFile('manyhands');
    try {
      ftruncateSync(made, byteLength);
      if (options.sparse !== true) linux().reserve(made, byteLength);
      linux().sealAgainstShrinking(made);
      const [high, low] = crypto.getRandomValues(new Int32Array(2));
      const segment = new Segment(reopen(process.pid, made), byteLength, [high as number, low as number]);
      segment.region.words.set([MAGIC, VERSION, ...segment.#id, byteLength]);
      return segment;
    } finally {
      linux().close(made);
    }
  }

  /**
   * The segment that another thread or process has.
   *
   * @throws SharedMemoryError `ERR_SEGMENT_GONE` when the process that gave it is gone or no longer has it,
   *   `ERR_SEGMENT_VERSION` when it is of another version of this library
   */
  static attach(ref: SegmentRef): Segment {
    const here = known.get(ref.id.join(':'))?.deref();
    if (here !== undefined) return here;
    const fd = reopen(ref.pid, ref.fd);
    try {
      const header = new Int32Array(5);
      readSync(fd, header, 0, header.byteLength, 0);
      const [magic, version, high, low, byteLength] = header;
      if (magic !== MAGIC || high !== ref.id[0] || low !== ref.id[1]) throw gone(ref.pid);
      if (version !== VERSION || byteLength !== ref.byteLength) {
        throw new SharedMemoryError(
          `This shared memory has layout ${version}, and this version of manyhands knows layout ${VERSION}. Run one version in all processes.`,
          { code: 'ERR_SEGMENT_VERSION' },
        );
      }
      return new Segment(fd, ref.byteLength, ref.id);
    } catch (error) {
      closeSync(fd);
      throw error;
    }
  }

  get byteLength(): number {
    return this.region.buffer.byteLength;
  }

  /**
   * Maps it once more, for as long as the process lives, and returns where.
   *
   * The kernel reads a thread's robust list when the thread's own buffers may be gone already.
   */
  mapForGood(): number {
    return linux().map(this.byteLength, this.#fd);
  }

  /** How others find it. It is kept for a while, also when this thread drops it. */
  give(): SegmentRef {
    given.delete(this);
    given.add(this);
    if (given.size > KEPT) given.delete(given.values().next().value as Segment);
    return { pid: process.pid, fd: this.#fd, id: this.#id, byteLength: this.byteLength };
  }
}

/** A descriptor of this thread's own for a file that some process has open. */
function reopen(pid: number, fd: number): number {
  try {
    return openSync(`/proc/${pid}/fd/${fd}`, 'r+');
  } catch (cause) {
    throw gone(pid, cause);
  }
}

function gone(pid: number, cause?: unknown): SharedMemoryError {
  return new SharedMemoryError(
    `Process ${pid} no longer has the shared memory that it has sent: it has ended, or dropped it long ago. Keep it there until it has arrived.`,
    { code: 'ERR_SEGMENT_GONE', ...(cause === undefined ? {} : { cause }) },
  );
}
