/**
 * A segment: memory that processes share, under a `SharedArrayBuffer`.
 *
 * How it works  A growable `SharedArrayBuffer` reserves whole pages of address space; the pages of a file are laid over them
 *               before any view is made, and from then on it is a buffer like any other. The file is a memfd, which has no name,
 *               so there is nothing to clean up; or one with a name (`named-file.ts`), that strangers can open. Another process
 *               (or thread) opens a segment through `/proc/PID/fd/N` of one that has it, makes a mapping of its own and keeps a
 *               descriptor of its own, so the first may go.
 *               To grow, the file is made longer, then the number of pages in the header; everybody maps what is new to them
 *               when they see that number (`follow`).
 * Layout        64 bytes of header: 0 magic · 1 version of the layout · 2-3 identity · 4 pages · 5 flags · 6 kind of content ·
 *               8-9 bytes of content that were asked for; then the content.
 * Invariants    1. A segment never shrinks and is never unmapped under a live view: V8 unmaps it when its last holder lets go.
 *               2. The descriptor is closed when the region is garbage, or by `close`, and not before.
 *               3. Whoever opens checks the identity: a descriptor number may have been given to another file meanwhile.
 *               4. What was given away is kept for a while (`kept-segments.ts`).
 * When it dies  The kernel frees the pages with the last descriptor and mapping, however their holders end.
 * Source        mmap(2), memfd_create(2), fcntl(2) (file seals), posix_fallocate(3), proc(5).
 * @module
 */
import { closeSync, fstatSync, ftruncateSync, openSync, readSync } from 'node:fs';
import { SharedMemoryError } from '../errors/sync-errors.ts';
import { onExit } from './exit-parts.ts';
import { keepGiven, letGo } from './kept-segments.ts';
import { isTaken, makeFile, openFile, removeName, sweepFiles, sweepName } from './named-file.ts';
import { ProcessRegion } from './region.ts';
import { allocateGrowing, CACHE_LINE } from './shared-buffer.ts';
import { gone, isShortage, notFound, taken, withDescriptors } from './segment-errors.ts';
import { linux } from './system/linux.ts';
import { load, raise } from './words.ts';

/** Bytes of header; the content begins there. */
export const SEGMENT_HEADER = CACHE_LINE;

const MAGIC = 0x6d68_7367;
/** Changes whenever the layout of anything in a segment does. */
const VERSION = 4;
const PAGE = 4096;

const PAGES = 4;
const FLAGS = 5;
const KIND = 6;
/** Pages that it may grow to. */
const MOST_PAGES = 7;
/** In words of 64 bits. */
const SIZE = 4;
const HEADER_WORDS = 10;
const PERSISTENT = 1;

/** How a segment is made. */
export interface SegmentOptions {
  /** Pages are found when they are touched, instead of now. */
  readonly sparse?: boolean;
  /** Bytes of content that it may grow to. */
  readonly most?: number;
  /** A name under which others can open it. */
  readonly name?: string;
  /** The name stays when nobody has it open any more. */
  readonly persistent?: boolean;
  /** Nobody knows the name before `keep`: it goes with the last view, as memory without a name does. */
  readonly secret?: boolean;
  /** What the content is: a number that whoever opens it by name compares. */
  readonly kind?: number;
  /** Fills the content, before anybody can find it by its name. When it throws, there is no such name. */
  readonly fill?: (segment: Segment) => void;
}

/** How another process finds a segment. */
export interface SegmentRef {
  readonly pid: number;
  readonly fd: number;
  /** Identity, as in the header. */
  readonly id: readonly [number, number];
  /** Bytes, header included, that it may grow to. */
  readonly most: number;
  readonly name: string | undefined;
}

const known = new Map<string, WeakRef<Segment>>();
const byBuffer = new WeakMap<SharedArrayBuffer, Segment>();
/** Names that go when this thread ends, and their files. */
const owned = new Map<string, number>();
/** Segments whose names others may know: they stay until they are closed, whether this thread has views of them or not. */
const kept = new Map<string, Segment>();
const closer = new FinalizationRegistry<Holding>(({ fd, key, owns }) => {
  disown(owns, fd);
  closeSync(fd);
  if (known.get(key)?.deref() === undefined) known.delete(key);
});

/** What has to be undone when a segment is no longer held. */
interface Holding {
  readonly fd: number;
  readonly key: string;
  /** The name that goes with it. */
  owns: string | undefined;
}

interface Origin {
  readonly fd: number;
  readonly id: readonly [number, number];
  readonly byteLength: number;
  readonly most: number;
  readonly name: string | undefined;
}

/** Memory that processes share. */
export class Segment {
  readonly region: ProcessRegion;
  readonly name: string | undefined;
  readonly id: readonly [number, number];
  readonly #longs: BigInt64Array;
  #holding: Holding | undefined;

  private constructor({ fd, id, byteLength, most, name }: Origin) {
    const buffer = allocateGrowing(byteLength, most);
    linux().mapOver(linux().addressOf(buffer), byteLength, fd, 0);
    this.region = new ProcessRegion(buffer);
    this.name = name;
    this.id = id;
    this.#longs = new BigInt64Array(buffer, 0, SEGMENT_HEADER / 8);
    const key = id.join(':');
    known.set(key, new WeakRef(this));
    byBuffer.set(buffer, this);
    this.#holding = { fd, key, owns: undefined };
    closer.register(this.region, this.#holding, this);
  }

  /**
   * New, zeroed memory.
   *
   * @param content bytes of content, besides the header
   * @throws UnsupportedPlatformError; SharedMemoryError `ERR_SEGMENT_EXISTS`, `ERR_TOO_MANY_FILES`; Error (ENOSPC, ENOMEM) when there is
   *   no room for it
   */
  static create(content: number, options: SegmentOptions = {}): Segment {
    return withDescriptors(() => Segment.#create(content, options));
  }

  static #create(content: number, options: SegmentOptions): Segment {
    const byteLength = inPages(SEGMENT_HEADER + content);
    const most = inPages(SEGMENT_HEADER + Math.max(content, options.most ?? 0));
    const [high, low] = crypto.getRandomValues(new Int32Array(2)) as unknown as readonly [number, number];
    const { name } = options;
    const origin = { id: [high, low] as const, byteLength, most, name };
    const header = [MAGIC, VERSION, high, low, byteLength / PAGE, options.persistent === true ? PERSISTENT : 0];
    const prepare = (fd: number): void => {
      ftruncateSync(fd, byteLength);
      if (options.sparse !== true) linux().reserve(fd, byteLength, 0);
    };
    const fill = (segment: Segment): Segment => {
      segment.region.words.set([...header, options.kind ?? 0, most / PAGE]);
      segment.#longs[SIZE] = BigInt(content);
      return segment;
    };
    if (name !== undefined) return createNamed(name, prepare, (fd) => fill(new Segment({ ...origin, fd })), options);
    const made = linux().createMemoryFile('manyhands');
    try {
      prepare(made);
      linux().sealAgainstShrinking(made);
      const fd = reopen(process.pid, made);
      try {
        return fill(new Segment({ ...origin, fd }));
      } catch (error) {
        closeSync(fd);
        throw error;
      }
    } finally {
      linux().close(made);
    }
  }

  /**
   * The segment of a name.
   *
   * @param expected what its content has to be, and at least how many bytes
   * @throws SharedMemoryError `ERR_SEGMENT_NOT_FOUND`, `ERR_SEGMENT_KIND`, `ERR_SEGMENT_TOO_SMALL`, `ERR_SEGMENT_VERSION`,
   *   `ERR_TOO_MANY_FILES`
   */
  static open(name: string, expected: { readonly kind: number; readonly content?: number }): Segment {
    return withDescriptors(() => Segment.#openNamed(name, expected));
  }

  static #openNamed(name: string, expected: { readonly kind: number; readonly content?: number }): Segment {
    sweepSegments();
    const fd = openFile(name);
    if (fd === undefined) throw notFound(name);
    try {
      const { id, pages, most, kind, size } = checkedHeader(fd, `Shared memory ${JSON.stringify(name)}`);
      const shared = known.get(id.join(':'))?.deref();
      if (kind !== expected.kind) {
        throw new SharedMemoryError(
          `Shared memory ${JSON.stringify(name)} holds something else than what is opened here.`,
          {
            code: 'ERR_SEGMENT_KIND',
          },
        );
      }
      if (expected.content !== undefined && size < expected.content) {
        throw new SharedMemoryError(
          `Shared memory ${JSON.stringify(name)} has ${size} bytes, fewer than the ${expected.content} that are needed.`,
          { code: 'ERR_SEGMENT_TOO_SMALL' },
        );
      }
      if (shared?.open === true) {
        closeSync(fd);
        return shared;
      }
      const byteLength = pages * PAGE;
      return new Segment({ fd, id, byteLength, most: Math.max(byteLength, most), name });
    } catch (error) {
      closeSync(fd);
      throw error;
    }
  }

  /**
   * The segment that another thread or process has.
   *
   * @throws SharedMemoryError `ERR_SEGMENT_GONE` when the process that gave it is gone or no longer has it,
   *   `ERR_SEGMENT_VERSION` when it is of another version of this library, `ERR_TOO_MANY_FILES` when no descriptor is free
   */
  static attach(ref: SegmentRef): Segment {
    const here = known.get(ref.id.join(':'))?.deref();
    if (here?.open === true) return here;
    const fd = withDescriptors(() => reopen(ref.pid, ref.fd));
    try {
      const { id, pages } = checkedHeader(fd, 'This shared memory', ref.pid);
      if (id[0] !== ref.id[0] || id[1] !== ref.id[1]) throw gone(ref.pid);
      // Fails only while somebody takes its name away as a leftover; what was sent is there all the same.
      if (ref.name !== undefined) linux().lockFile(fd, 'shared');
      return new Segment({ ...ref, fd, byteLength: pages * PAGE });
    } catch (error) {
      closeSync(fd);
      throw error;
    }
  }

  /** The segment that a buffer of this thread lies over. */
  static of(buffer: ArrayBufferLike): Segment | undefined {
    return byBuffer.get(buffer as SharedArrayBuffer);
  }

  get byteLength(): number {
    return this.region.buffer.byteLength;
  }

  /** Bytes of content that were asked for: at first, or by the last `grow`. */
  get size(): number {
    return Number(Atomics.load(this.#longs, SIZE));
  }

  /** Whether it is open, that is, counts as used. */
  get open(): boolean {
    return this.#holding !== undefined;
  }

  /**
   * Maps it once more, for as long as the process lives, and returns where.
   *
   * The kernel reads a thread's robust list when the thread's own buffers may be gone already. A mapping holds on to what the file was
   * opened as, and to the lock of that: so the file is opened once more, else the name would count as used by then.
   */
  mapForGood(): number {
    const fd = reopen(process.pid, this.#file());
    try {
      return linux().map(this.byteLength, fd);
    } finally {
      closeSync(fd);
    }
  }

  /**
   * Makes it longer, for everybody.
   *
   * @param content bytes of content; fewer than there are change nothing
   * @throws RangeError beyond what it may grow to; Error (ENOSPC)
   */
  grow(content: number): void {
    const { words, buffer } = this.region;
    const byteLength = inPages(SEGMENT_HEADER + content);
    if (byteLength > buffer.maxByteLength) {
      throw new RangeError(`It may grow to ${buffer.maxByteLength - SEGMENT_HEADER} bytes, not to ${content}.`);
    }
    const before = load(words, PAGES) * PAGE;
    if (byteLength > before) {
      linux().reserve(this.#file(), byteLength, before);
      raise(words, PAGES, byteLength / PAGE);
    }
    raise(this.#longs, SIZE, BigInt(content));
    this.follow();
  }

  /** Maps what others have added. True when that was anything. */
  follow(): boolean {
    const { words, buffer } = this.region;
    const now = buffer.byteLength;
    const wanted = Math.min(load(words, PAGES) * PAGE, buffer.maxByteLength);
    if (wanted <= now) return false;
    linux().mapOver(linux().addressOf(buffer), wanted - now, this.#file(), now);
    buffer.grow(wanted);
    this.region.grown();
    return true;
  }

  /** How others find it. It is kept for a while, also when this thread drops it. */
  give(): SegmentRef {
    keepGiven(this);
    return { pid: process.pid, fd: this.#file(), id: this.id, most: this.region.buffer.maxByteLength, name: this.name };
  }

  /** Says that this thread uses it no more, although views of it may live. Its name goes, when it is this thread's own. */
  close(): void {
    const holding = this.#holding;
    if (holding === undefined) return;
    this.#holding = undefined;
    this.#keepNoMore();
    letGo(this);
    closer.unregister(this);
    disown(holding.owns, holding.fd);
    closeSync(holding.fd);
  }

  /** Its name goes now, when it is this thread's own. */
  disownName(): void {
    const holding = this.#holding;
    if (holding === undefined) return;
    this.#keepNoMore();
    disown(holding.owns, holding.fd);
    holding.owns = undefined;
  }

  /** Takes its name away. False when that was done before, or this is closed: the name may be another's by now. */
  unlink(): boolean {
    const holding = this.#holding;
    if (this.name === undefined || holding === undefined) return false;
    if (owned.get(this.name) === holding.fd) owned.delete(this.name);
    this.#keepNoMore();
    holding.owns = undefined;
    return removeName(this.name, holding.fd);
  }

  /** The name goes with this thread's hold on the segment, and with this thread. */
  ownName(): void {
    if (this.#holding === undefined || this.name === undefined) return;
    onExit(removeOwned);
    owned.set(this.name, this.#holding.fd);
    this.#holding.owns = this.name;
  }

  /** Others may know the name: it stays when this thread drops the segment. */
  keep(): void {
    if (this.#holding?.owns !== undefined) kept.set(this.#holding.owns, this);
  }

  #keepNoMore(): void {
    if (this.name !== undefined && kept.get(this.name) === this) kept.delete(this.name);
  }

  #file(): number {
    if (this.#holding !== undefined) return this.#holding.fd;
    throw new SharedMemoryError('This shared memory has been closed here.', { code: 'ERR_SEGMENT_CLOSED' });
  }
}

/** Removes named segments that no process uses and none is to find later; returns their names. */
export const sweepSegments = (): string[] => sweepFiles(isPersistent);

/** Takes a name away; whoever has it open keeps it. False when there is no such name. */
export function unlinkSegment(name: string): boolean {
  owned.delete(name);
  kept.delete(name);
  return removeName(name);
}

function createNamed(
  name: string,
  prepare: (fd: number) => void,
  fill: (fd: number) => Segment,
  { persistent = false, secret = false, fill: fillContent }: SegmentOptions,
): Segment {
  sweepName(name, isPersistent);
  if (isTaken(name)) throw taken(name); // before anything is mapped that would stay mapped
  const file = makeFile(name);
  let segment: Segment | undefined;
  try {
    prepare(file.fd);
    segment = fill(file.fd);
    fillContent?.(segment);
    if (!file.publish()) throw taken(name);
  } catch (error) {
    file.discard();
    if (segment === undefined) closeSync(file.fd);
    else segment.close();
    throw error;
  }
  if (!persistent) segment.ownName();
  if (!secret) segment.keep();
  return segment;
}

/** The name may be another file's by now: anybody may take it away and make it anew. */
function disown(name: string | undefined, fd: number): void {
  if (name === undefined || owned.get(name) !== fd) return;
  owned.delete(name);
  removeName(name, fd);
}

function removeOwned(): void {
  for (const [name, fd] of owned) disown(name, fd);
}

function isPersistent(fd: number): boolean {
  const header = readHeader(fd);
  return header[0] === MAGIC && ((header[FLAGS] as number) & PERSISTENT) !== 0;
}

const inPages = (bytes: number): number => Math.ceil(bytes / PAGE) * PAGE;

function readHeader(fd: number): Int32Array {
  const header = new Int32Array(HEADER_WORDS);
  readSync(fd, header, 0, header.byteLength, 0);
  return header;
}

function checkedHeader(fd: number, what: string, pid?: number) {
  const header = readHeader(fd);
  const [magic, version, high, low, pages] = header as unknown as readonly [number, number, number, number, number];
  if (magic !== MAGIC) {
    if (pid !== undefined) throw gone(pid);
    throw new SharedMemoryError(`${what} was not made by manyhands.`, { code: 'ERR_SEGMENT_KIND' });
  }
  if (version !== VERSION) {
    throw new SharedMemoryError(
      `${what} has layout ${version}, and this version of manyhands knows layout ${VERSION}. Run one version in all processes.`,
      { code: 'ERR_SEGMENT_VERSION' },
    );
  }
  // Pages that a file does not have would end the process at the first touch (SIGBUS).
  if (pages < 1 || fstatSync(fd).size < pages * PAGE) {
    throw new SharedMemoryError(`${what} is damaged: its file is shorter than it says.`, { code: 'ERR_SEGMENT_KIND' });
  }
  const size = Number(new BigInt64Array(header.buffer)[SIZE]);
  const most = (header[MOST_PAGES] as number) * PAGE;
  return { id: [high, low] as const, pages, most, kind: header[KIND] as number, size };
}

/** A descriptor of this thread's own for a file that some process has open. */
function reopen(pid: number, fd: number): number {
  try {
    return openSync(`/proc/${pid}/fd/${fd}`, 'r+');
  } catch (cause) {
    throw isShortage(cause) ? cause : gone(pid, cause);
  }
}
