/**
 * Where an object lies in shared memory: in a block of its own, or at a place of a larger one.
 *
 * How it works  What travels is the block, and the lot in which waiters meet. In thread scope the lot is known to every thread.
 *               Fields that a subclass has added travel with it, as those of a struct do: they are copied, not shared.
 * @module
 */
import { inspect } from 'node:util';
import { EncodeError } from '../errors/encode-error.ts';
import { InvalidOptionError } from '../errors/executor-errors.ts';
import { allocateBlock, type Block, type BlockRef, receiveBlock, sendBlock } from '../memory/block.ts';
import { HeapRegion } from '../memory/heap-region.ts';
import type { Scope } from '../memory/region.ts';
import type { HeapArray } from '../memory/shared-heap.ts';
import { Core, CORE_WORDS } from './core.ts';
import { notAlone } from './held-here.ts';
import type { Lot, LotRef } from './lot.ts';
import { attachLot, heapBell, processLot, threadLot } from './lots.ts';

/** Among whom an object is shared. */
export interface ScopeOptions {
  /**
   * `'thread'` (default): the threads of this process. `'process'`: other processes as well (Linux).
   */
  readonly scope?: Scope | undefined;
}

/** Bytes that a core takes. */
export const CORE_BYTES = CORE_WORDS * 4;

/** A core in the shared heap, as it travels. */
export interface HeapPlace {
  readonly items: HeapArray;
  readonly at: number;
}

/** A block with an object in it, as it travels. */
export interface BlockPlace {
  readonly block: BlockRef;
  /** Undefined in thread scope. */
  readonly lot: LotRef | undefined;
}

/** An object as it travels: its place, and the fields that its class has added. */
export type PlaceData = (BlockPlace | HeapPlace) & { readonly own?: Readonly<Record<string, unknown>> };

/** Fields that every object of this kind has of itself. */
const INHERENT: readonly string[] = ['core', 'ordered', 'mixed'];

/** Keys of the static methods by which a class says how its instances travel; as in `closures/protocol-symbols.ts`. */
export const packSymbol: unique symbol = Symbol.for('manyhands.pack') as never;
export const unpackSymbol: unique symbol = Symbol.for('manyhands.unpack') as never;

export const constantSymbol: unique symbol = Symbol.for('manyhands.constant') as never;

/** Key of an option: the core that a new object takes, where it is part of something larger. */
export const inCore: unique symbol = Symbol('core');

/** Options of an object that is part of something larger. */
export interface InCore {
  readonly [inCore]?: Core;
}

/** Checks a scope that a user has given. @throws InvalidOptionError */
export function checkedScope(scope: unknown): Scope {
  if (scope === undefined) return 'thread';
  if (scope === 'thread' || scope === 'process') return scope;
  throw new InvalidOptionError(`scope must be 'thread' or 'process'; it is ${inspect(scope)}.`);
}

/** Checks that options are some. @throws InvalidOptionError */
export function checkOptions(options: unknown): void {
  if (typeof options === 'object' && options !== null) return;
  throw new InvalidOptionError(`Options are an object, such as { scope: 'process' }; these are ${inspect(options)}.`);
}

/** What an object is made over: a core that is there, or memory of its own. @throws as `newCore` */
export const coreFor = (given: ScopeOptions | Core): Core => (given instanceof Core ? given : newCore(given));

/** Memory of its own for a new object, or what it was given. @throws InvalidOptionError, UnsupportedPlatformError */
export function newCore(options: ScopeOptions & InCore = {}): Core {
  checkOptions(options);
  const given = options[inCore];
  if (given !== undefined) return given;
  const scope = checkedScope(options.scope);
  const core = coreIn(allocateBlock(CORE_BYTES, scope), 0, scope === 'thread' ? threadLot() : processLot());
  core.alone = true;
  return core;
}

/** The core at a byte of a block. */
export const coreIn = (block: Block, offset: number, lot: Lot): Core =>
  new Core(block.region, (block.at + offset) / 4, lot);

/** The core that begins at an item of an array in the shared heap. */
export const coreInHeap = (items: HeapArray, at: number): Core =>
  new Core(new HeapRegion(items, heapBell()), at, threadLot());

/**
 * An object over a core that is there, made by its base class alone: the constructor of a subclass may take other arguments, and
 * would make a new object of its own.
 */
export function madeBy<T>(Base: abstract new (...args: never) => T, args: readonly unknown[], as: unknown): T {
  return Reflect.construct<readonly unknown[], T>(Base as never, args, as as never);
}

/** An object that has travelled, made by its base class alone. @throws SharedMemoryError */
export const madeThere = <T extends object>(
  Base: abstract new (...args: never) => T,
  args: readonly unknown[],
  { own }: PlaceData,
  as: unknown,
): T => Object.assign(madeBy(Base, args, as), own);

/**
 * How an object travels.
 *
 * @param made fields that its base class makes besides, of what travels elsewhere
 * @throws EncodeError `ERR_NOT_SHAREABLE`
 */
export function placeOf(
  object: { readonly core: Core },
  what: string,
  destination: Scope,
  made: readonly string[] = [],
): PlaceData {
  const own = Object.entries(object).filter(([name]) => !INHERENT.includes(name) && !made.includes(name));
  notAlone(object.core);
  const place = placeOfCore(object.core, what, destination);
  return own.length === 0 ? place : { ...place, own: Object.fromEntries(own) };
}

function placeOfCore({ region, at, lot }: Core, what: string, destination: Scope): BlockPlace | HeapPlace {
  if (!(region instanceof HeapRegion))
    return sendPlace({ region, at: at * 4, byteLength: CORE_BYTES }, lot, what, destination);
  if (destination === 'thread') return { items: region.items, at };
  throw new EncodeError(
    `this ${what} is part of an object of the shared heap, which only the threads of one process see.`,
    {
      code: 'ERR_NOT_SHAREABLE',
    },
  );
}

/** How a block travels in which waiters may meet. @throws EncodeError `ERR_NOT_SHAREABLE` */
export function sendPlace(block: Block, lot: Lot | undefined, what: string, destination: Scope): BlockPlace {
  const ref = sendBlock(block, destination);
  if (ref !== undefined) return { block: ref, lot: ref.scope === 'process' ? lot?.give() : undefined };
  throw new EncodeError(
    `this ${what} is shared by the threads of one process only. Make it with new ${what}({ scope: 'process' }).`,
    { code: 'ERR_NOT_SHAREABLE' },
  );
}

/**
 * Whether an object's data says the same for ever: a place in memory that the threads of this process share, and nothing that the object
 * has of itself. What goes to other processes is counted, each time anew.
 */
export function isConstantPlace(data: object): boolean {
  const { block, lot, own, ...more } = data as Partial<BlockPlace> & { readonly own?: unknown };
  if (lot !== undefined || (block !== undefined && block.scope !== 'thread')) return false;
  if (own !== undefined && Object.keys(own as object).length > 0) return false;
  return Object.values(more).every((each) =>
    typeof each === 'object' && each !== null ? 'block' in each && isConstantPlace(each) : typeof each !== 'function',
  );
}

/** The core of an object that has travelled. @throws SharedMemoryError */
export function coreAt(data: PlaceData): Core {
  if ('items' in data) return coreInHeap(data.items, data.at);
  const lot = data.lot === undefined ? threadLot() : attachLot(data.lot);
  return coreIn(receiveBlock(data.block), 0, lot);
}
