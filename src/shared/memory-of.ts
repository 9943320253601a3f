/**
 * Where the memory of a shared object comes from: new, under a name, or from another thread or process.
 *
 * Layout  Under a name: the header of the segment, the lot in which those meet who wait for something in the object (where there is
 *         such a thing; the segment may outlive whoever made it), the object.
 * @module
 */
import { inspect } from 'node:util';
import { InvalidOptionError } from '../errors/executor-errors.ts';
import { allocateBlock, type Block, receiveBlock } from '../memory/block.ts';
import type { Scope } from '../memory/region.ts';
import { Segment, SEGMENT_HEADER } from '../memory/segment.ts';
import { viewsOf } from '../memory/views.ts';
import { LOT_BYTES, type Lot } from '../sync/lot.ts';
import { attachLot, lotIn, processLot, threadLot } from '../sync/lots.ts';
import { checkedScope, type BlockPlace, type ScopeOptions, sendPlace } from '../sync/place.ts';
import type { Memory } from './field.ts';

/** Where an object's memory is to be. */
export interface MemoryOptions extends ScopeOptions {
  /**
   * A name under which other processes can open it. Makes the scope `'process'`.
   *
   * **Gotchas** What has a lock of its own (all but `ShareableList`, and structs without one) takes 720 KiB under a name, for those who wait; a thread that has used
   * that lock keeps them until it ends, and the process until it ends, also when the object was dropped and its name taken away. Make
   * few, and keep them.
   */
  readonly name?: string | undefined;
  /** The name stays when nobody uses it any more, until `SharedMemory.unlink`. */
  readonly persistent?: boolean | undefined;
}

/** What has to be known of an object to find room for it. */
export interface Shape {
  readonly byteLength: number;
  /** Whether something in it can be waited for. */
  readonly waits: boolean;
  /** Says the same of two objects that are laid out alike. */
  readonly text: string;
  /** Bytes to which it may grow. */
  readonly most?: number;
}

/** @throws InvalidOptionError when it is no object */
export function checkedOptions<Options>(options: Options): Options {
  if (typeof options === 'object' && options !== null) return options;
  throw new InvalidOptionError(`Options are an object; not ${inspect(options, { depth: 0 })}.`);
}

/**
 * New memory.
 *
 * @param fill fills it, from all zeros, before anybody can find it by its name; when it throws, there is no such name
 * @throws InvalidOptionError, SharedMemoryError `ERR_SEGMENT_EXISTS`, UnsupportedPlatformError
 */
export function newMemory(
  { byteLength, waits, text, most = 0 }: Shape,
  options: MemoryOptions,
  fill: (memory: Memory) => void,
): Memory {
  const { scope: wanted, name, persistent } = checkedOptions(options);
  const scope = checkedScope(wanted);
  if (name === undefined) {
    const lot = !waits ? undefined : scope === 'thread' ? threadLot() : processLot();
    const made = memoryOf(allocateBlock(byteLength, scope, most), lot);
    fill(made);
    return made;
  }
  if (wanted === 'thread')
    throw new InvalidOptionError("Memory with a name is for processes: scope cannot be 'thread'.");
  const content = lotBytes(waits) + byteLength;
  const growth = most === 0 ? {} : { most: lotBytes(waits) + most };
  let memory: Memory | undefined;
  Segment.create(content, {
    name,
    kind: hashOf(text),
    persistent: persistent ?? false,
    ...growth,
    fill(segment) {
      memory = memoryIn(segment, waits, byteLength);
      fill(memory);
    },
  });
  return memory as Memory;
}

/** Memory that somebody has made under a name; at least as long as the shape says. @throws SharedMemoryError `ERR_SEGMENT_NOT_FOUND`, `ERR_SEGMENT_KIND` */
export function openMemory({ byteLength, waits, text }: Shape, name: string): Memory {
  const content = lotBytes(waits) + byteLength;
  const segment = Segment.open(name, { kind: hashOf(text), content });
  return memoryIn(segment, waits, segment.size - lotBytes(waits));
}

/** Fields that a subclass has added, which are not shared. */
export interface OwnFields {
  readonly own?: Readonly<Record<string, unknown>>;
}

/** The fields of an instance that are not shared, as they travel. */
export function ownFields(instance: object): OwnFields {
  const own = Object.entries(instance);
  return own.length === 0 ? {} : { own: Object.fromEntries(own) };
}

/** How memory, or a part of it, travels. @throws EncodeError `ERR_NOT_SHAREABLE` */
export function sendMemory(memory: Memory, at: number, byteLength: number, what: string, to: Scope): BlockPlace {
  return sendPlace({ region: memory.block.region, at, byteLength }, memory.lot, what, to);
}

/** Memory that has travelled. @throws SharedMemoryError */
export function receiveMemory(place: BlockPlace, waits: boolean): Memory {
  const lot = !waits ? undefined : place.lot === undefined ? threadLot() : attachLot(place.lot);
  return memoryOf(receiveBlock(place.block), lot);
}

function memoryIn(segment: Segment, waits: boolean, byteLength: number): Memory {
  const lot = waits ? lotIn(segment, SEGMENT_HEADER) : undefined;
  return memoryOf({ region: segment.region, at: SEGMENT_HEADER + lotBytes(waits), byteLength }, lot);
}

const memoryOf = (block: Block, lot: Lot | undefined): Memory => ({ block, views: viewsOf(block.region.buffer), lot });

const lotBytes = (waits: boolean): number => (waits ? LOT_BYTES : 0);

/** A number for a text (FNV-1a). */
function hashOf(text: string): number {
  let hash = 0x811c_9dc5 | 0;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x0100_0193);
  return hash;
}
