/**
 * Where an object lies in shared memory: made new, at a place of a larger segment, or where another thread or process has it.
 *
 * How it works  In thread scope the memory itself travels; in process scope the way to find it. The lot in which waiters meet
 *               goes along with it.
 * @module
 */
import { EncodeError } from '../errors/encode-error.ts';
import { InvalidOptionError } from '../errors/executor-errors.ts';
import { type Scope, ThreadRegion } from '../memory/region.ts';
import { Segment, SEGMENT_HEADER, type SegmentRef } from '../memory/segment.ts';
import { allocateShared } from '../memory/shared-buffer.ts';
import { Core, CORE_WORDS } from './core.ts';
import { attachLot, processLot, threadLot } from './lots.ts';

/** Among whom an object is shared. */
export interface ScopeOptions {
  /**
   * `'thread'` (default): the threads of this process. `'process'`: other processes as well (Linux).
   */
  readonly scope?: Scope | undefined;
}

/** Bytes that a core takes. */
export const CORE_BYTES = CORE_WORDS * 4;

/** An object's place, as it travels. */
export type PlaceData =
  | { readonly scope: 'thread'; readonly buffer: SharedArrayBuffer; readonly at: number }
  | { readonly scope: 'process'; readonly segment: SegmentRef; readonly lot: SegmentRef; readonly at: number };

/** Keys of the static methods by which a class says how its instances travel; as in `closures/protocol-symbols.ts`. */
export const packSymbol: unique symbol = Symbol.for('manyhands.pack') as never;
export const unpackSymbol: unique symbol = Symbol.for('manyhands.unpack') as never;

const segments = new WeakMap<Core, Segment>();

/** Memory of its own for a new object. @throws InvalidOptionError, UnsupportedPlatformError */
export function newCore(options: ScopeOptions = {}): Core {
  const { scope = 'thread' } = options;
  if (scope === 'thread') return new Core(new ThreadRegion(allocateShared(CORE_BYTES)), 0, threadLot());
  if (scope !== 'process') {
    throw new InvalidOptionError(`scope must be 'thread' or 'process'; it is ${JSON.stringify(scope)}.`);
  }
  const segment = Segment.create(CORE_BYTES);
  return remember(new Core(segment.region, SEGMENT_HEADER / 4, processLot()), segment);
}

/** How an object travels. @throws EncodeError `ERR_NOT_SHAREABLE` */
export function placeOf(core: Core, what: string, destination: 'thread' | 'process'): PlaceData {
  const segment = segments.get(core);
  const lot = core.lot.segment;
  if (segment !== undefined && lot !== undefined) {
    return { scope: 'process', segment: segment.give(), lot: lot.give(), at: core.at };
  }
  if (destination === 'process') {
    throw new EncodeError(
      `this ${what} is shared by the threads of one process only. Make it with new ${what}({ scope: 'process' }).`,
      { code: 'ERR_NOT_SHAREABLE' },
    );
  }
  return { scope: 'thread', buffer: core.region.buffer, at: core.at };
}

/** The core of an object that has travelled. @throws SharedMemoryError */
export function coreAt(data: PlaceData): Core {
  if (data.scope === 'thread') return new Core(new ThreadRegion(data.buffer), data.at, threadLot());
  const segment = Segment.attach(data.segment);
  return remember(new Core(segment.region, data.at, attachLot(data.lot)), segment);
}

function remember(core: Core, segment: Segment): Core {
  segments.set(core, segment);
  return core;
}
