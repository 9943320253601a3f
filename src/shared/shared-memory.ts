/**
 * Plain bytes that processes share, by name or by sending them.
 *
 * How it works  A segment (`memory/segment.ts`). Whoever makes it owns the name, which goes when its owner closes it or ends, not
 *               when its variable is garbage, unless the name was chosen here and nobody has asked for it; what has been opened
 *               stays there for whoever has it open.
 * When it dies  A name whose users were all killed is removed by the next one who opens shared memory or makes that name, or by `sweep`.
 * @module
 */
import { inspect } from 'node:util';
import { EncodeError } from '../errors/encode-error.ts';
import { InvalidOptionError } from '../errors/executor-errors.ts';
import { SharedMemoryError } from '../errors/sync-errors.ts';
import { Segment, SEGMENT_HEADER, type SegmentRef, sweepSegments, unlinkSegment } from '../memory/segment.ts';
import { madeBy, packSymbol, unpackSymbol } from '../sync/place.ts';
import { checkedOptions, type OwnFields, ownFields } from './memory-of.ts';

/** How shared memory is made. */
export interface SharedMemoryOptions {
  /** Bytes; 1 or more. */
  readonly size: number;
  /** A name under which others can open it: any text, without NUL. One is chosen when it is left out. */
  readonly name?: string | undefined;
  /** Bytes that it may grow to; `size` at least. Memory is in whole pages: without `most` it grows to the end of its last one. */
  readonly most?: number | undefined;
  /** The name stays when nobody uses it any more, until `unlink`. */
  readonly persistent?: boolean | undefined;
}

/** Bytes that can have addresses. */
const MOST_BYTES = 2 ** 47;
/** How many of this thread's objects have a segment open. */
const handles = new WeakMap<Segment, number>();
const dropped = new FinalizationRegistry<Segment>((segment) => void countHandle(segment, -1));

function countHandle(segment: Segment, by: 1 | -1): number {
  const count = (handles.get(segment) ?? 0) + by;
  handles.set(segment, count);
  return count;
}

/** A number that says that it holds plain bytes. */
const KIND = 0x6279_7465;

/**
 * Bytes that processes share.
 *
 * **Python** `multiprocessing.shared_memory.SharedMemory`. Differences: no process has to watch over names, so nothing is left
 * behind by a kill and nothing is removed too early; it can grow; it is unmapped when the last view of it is garbage, never under
 * one.
 *
 * **Use it** between programs that were not started from one another. Between your own workers send a `SharedArray`, a struct, or
 * any view of `buf`: all travel in place.
 *
 * @example
 * using memory = new SharedMemory({ name: 'frames', size: 1_000_000 });
 * memory.buf[0] = 1;
 * // elsewhere: SharedMemory.open('frames').buf[0]
 */
export class SharedMemory implements Disposable {
  readonly #segment: Segment;
  /** Whether its name goes when it is closed. */
  readonly #owns: boolean;
  #open = true;

  /**
   * @throws InvalidOptionError `ERR_INVALID_OPTION`; SharedMemoryError `ERR_SEGMENT_EXISTS`; UnsupportedPlatformError; Error (ENOSPC)
   */
  constructor(options: SharedMemoryOptions);
  constructor(options: SharedMemoryOptions | Segment) {
    this.#owns = !(options instanceof Segment);
    this.#segment = options instanceof Segment ? options : create(options);
    countHandle(this.#segment, 1);
    dropped.register(this, this.#segment, this);
  }

  /**
   * The memory of a name.
   *
   * @param options `size`: bytes that it has to have at least
   * @throws InvalidOptionError `ERR_INVALID_OPTION`
   * @throws SharedMemoryError `ERR_SEGMENT_NOT_FOUND`, `ERR_SEGMENT_TOO_SMALL`, `ERR_SEGMENT_KIND`, `ERR_SEGMENT_VERSION`
   */
  static open(name: string, options: { readonly size?: number } = {}): SharedMemory {
    const { size = 0 } = checkedOptions(options);
    if (size !== 0) checkBytes('size', size);
    return new SharedMemory(Segment.open(name, { kind: KIND, content: size }));
  }

  /** Takes a name away; whoever has it open keeps it. False when there is no such name. */
  static unlink(name: string): boolean {
    return unlinkSegment(name);
  }

  /** Removes names that no process uses any more, persistent ones excepted. Opening does so too. @returns those names */
  static sweep(): string[] {
    return sweepSegments();
  }

  get name(): string {
    this.#segment.keep();
    return this.#segment.name as string;
  }

  /** Its bytes, as many as there are now. @throws SharedMemoryError `ERR_SEGMENT_CLOSED` */
  get buf(): Uint8Array<SharedArrayBuffer> {
    this.#checkOpen();
    this.#segment.follow();
    return new Uint8Array(this.#segment.region.buffer, SEGMENT_HEADER, this.size);
  }

  /** Bytes. */
  get size(): number {
    this.#segment.follow();
    return Math.min(this.#segment.size, this.#segment.byteLength - SEGMENT_HEADER);
  }

  /**
   * Makes it at least so long, for everybody; views that were taken before stay as they are. It never shrinks: when there are as many
   * bytes already, as another process may have been first, nothing changes.
   *
   * @param size bytes
   * @throws InvalidOptionError beyond `most`; Error (ENOSPC)
   */
  grow(size: number): void {
    this.#checkOpen();
    const most = this.#segment.region.buffer.maxByteLength - SEGMENT_HEADER;
    if (!Number.isInteger(size) || size < 1 || size > most) {
      throw new InvalidOptionError(`size may be 1 to ${most} bytes here; it is ${String(size)}.`);
    }
    this.#segment.grow(size);
  }

  /** Says that this object is used no more. Views of it stay good. The name goes with the object that made it. */
  close(): void {
    if (!this.#open) return;
    this.#open = false;
    dropped.unregister(this);
    if (this.#owns) this.#segment.disownName();
    if (countHandle(this.#segment, -1) === 0) this.#segment.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** Takes its name away; whoever has it open keeps it. False when that was done before, or this has been closed. */
  unlink(): boolean {
    return this.#open && this.#segment.unlink();
  }

  #checkOpen(): void {
    if (this.#open) return;
    throw new SharedMemoryError(`Shared memory ${JSON.stringify(this.name)} has been closed here.`, {
      code: 'ERR_SEGMENT_CLOSED',
    });
  }

  [inspect.custom](): string {
    return `SharedMemory { ${JSON.stringify(this.name)}, ${this.#open ? `${this.size} bytes` : 'closed'} }`;
  }

  static [packSymbol](memory: SharedMemory): Sent {
    memory.#segment.keep();
    if (memory.#open) return { segment: memory.#segment.give(), ...ownFields(memory) };
    throw new EncodeError('this SharedMemory has been closed here.', { code: 'ERR_SEGMENT_CLOSED' });
  }

  static [unpackSymbol]({ segment, own }: Sent): SharedMemory {
    return Object.assign(madeBy(SharedMemory, [Segment.attach(segment)], this), own);
  }
}

interface Sent extends OwnFields {
  readonly segment: SegmentRef;
}

function create(options: SharedMemoryOptions): Segment {
  const { size, name, most, persistent = false }: Partial<SharedMemoryOptions> = options ?? {};
  const bytes = checkBytes('size', size);
  if (most !== undefined) checkBytes('most', most, bytes);
  const how = { kind: KIND, most: most ?? 0, persistent };
  if (name !== undefined) return Segment.create(bytes, { ...how, name });
  for (;;) {
    const [random] = crypto.getRandomValues(new Uint32Array(1)) as unknown as [number];
    try {
      return Segment.create(bytes, { ...how, name: `mh_${random.toString(36)}`, secret: true });
    } catch (error) {
      if (!(error instanceof SharedMemoryError) || error.code !== 'ERR_SEGMENT_EXISTS') throw error;
    }
  }
}

function checkBytes(what: string, value: unknown, least = 1): number {
  if (Number.isInteger(value) && (value as number) >= least && (value as number) <= MOST_BYTES) return value as number;
  throw new InvalidOptionError(`${what} must be a whole number of bytes, ${least} to 2^47; it is ${String(value)}.`);
}
