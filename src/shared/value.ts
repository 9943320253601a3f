/**
 * One shared value, with its lock beside it.
 *
 * Layout  The value on a cache line of its own, then an RLock.
 * @module
 */
import { inspect } from 'node:util';
import { InvalidOptionError, InvalidStateError } from '../errors/executor-errors.ts';
import type { Scope } from '../memory/region.ts';
import { access, type NumberAccess } from '../memory/views.ts';
import { constantSymbol, isConstantPlace, madeBy, packSymbol, type BlockPlace, unpackSymbol } from '../sync/place.ts';
import { RLock } from '../sync/rlock.ts';
import { padded } from './descriptors.ts';
import {
  type MemoryOptions,
  newMemory,
  openMemory,
  type OwnFields,
  ownFields,
  receiveMemory,
  sendMemory,
} from './memory-of.ts';
import { type Memory, noSibling, type PlacedField, type StructLayout } from './field.ts';
import type { ScalarOf, ScalarType } from './scalars.ts';
import { checkNumber, refuse } from './number-field.ts';
import { layOut } from './struct-layout.ts';

/** What a value can be. */
export type ValueType = ScalarType;

const layouts = new Map<string, StructLayout>();

function layoutOf(type: ValueType): StructLayout {
  const kind: unknown = (type as ValueType | undefined)?.kind;
  if (kind !== 'boolean' && kind !== 'string' && !Object.hasOwn(access, kind as PropertyKey)) {
    throw new InvalidOptionError(
      `A Value is of one of the types int8 … float64, bigint64, biguint64, boolean, string(bytes); not ${inspect(type, { depth: 0 })}.`,
    );
  }
  const key = JSON.stringify(type);
  let layout = layouts.get(key);
  if (layout === undefined) {
    layout = layOut({ value: padded(type), lock: RLock });
    layouts.set(key, layout);
  }
  return layout;
}

/** Over memory that is there. */
class Existing {
  readonly memory: Memory;
  constructor(memory: Memory) {
    this.memory = memory;
  }
}

/**
 * One number, flag or bounded text that threads (and processes) share.
 *
 * **Python** `multiprocessing.Value('i', 0)`, with `get_lock()`.
 *
 * **Gotchas** `counter.value += 1` is a read and a write: use `add`, `update`, or hold `lock`. `deepStrictEqual` takes any two for equal:
 * compare `value`. `open` gives a `Value`, also when it is called on a subclass.
 *
 * @example
 * const counter = new Value(int32, 0, { scope: 'process' });
 * counter.add(1);                                        // as one
 * counter.lock.runSync(() => { counter.value *= 2; });   // or under its lock
 */
export class Value<T extends ValueType> {
  readonly #type: T;
  readonly #layout: StructLayout;
  readonly #memory: Memory;
  readonly #placed: PlacedField;
  #lock: RLock | undefined;

  /**
   * @param type `int8` … `float64`, `bigint64`, `biguint64`, `boolean` or `string(bytes)`
   * @param value what it is at first; 0, false or empty when left out
   * @throws InvalidOptionError, InvalidValueError, UnsupportedPlatformError
   */
  constructor(type: T, value?: ScalarOf<T>, options: MemoryOptions = {}) {
    const layout = layoutOf(type);
    this.#type = type;
    this.#layout = layout;
    this.#placed = layout.fields[0] as PlacedField;
    if (value instanceof Existing) {
      this.#memory = value.memory;
      return;
    }
    const { field } = this.#placed;
    this.#memory = newMemory(layout, options, (made) => {
      layout.prepare(made, made.block.at);
      if (value !== undefined) field.set(made, made.block.at, value, 'value');
    });
  }

  /** The value that a process has made under a name. @throws SharedMemoryError `ERR_SEGMENT_NOT_FOUND`, `ERR_SEGMENT_KIND` */
  static open<T extends ValueType>(type: T, name: string): Value<T> {
    return new Value(type, new Existing(openMemory(layoutOf(type), name)) as never);
  }

  get #at(): number {
    return this.#memory.block.at;
  }

  /** What it is now. @throws InvalidValueError when it is set to what it cannot hold */
  get value(): ScalarOf<T> {
    return this.#placed.field.plain(this.#memory, this.#at) as ScalarOf<T>;
  }

  set value(value: ScalarOf<T>) {
    this.#placed.field.set(this.#memory, this.#at, value, 'value');
  }

  /** Its lock. Reading and writing does not take it: take it for what must not be interrupted. */
  get lock(): RLock {
    const { field, offset } = this.#layout.fields[1] as PlacedField;
    this.#lock ??= field.get(this.#memory, this.#at + offset, noSibling) as RLock;
    return this.#lock;
  }

  /** Among whom it is shared. */
  get scope(): Scope {
    return this.#memory.block.region.scope;
  }

  /**
   * Adds to a number, as one.
   *
   * @returns what it was before
   * @throws InvalidValueError `ERR_INVALID_VALUE` when it cannot hold the sum; InvalidStateError `ERR_INVALID_STATE` when it is no number
   */
  add(amount: ScalarOf<T>): ScalarOf<T> {
    const { range, name } = this.#number();
    const wanted = range === undefined ? 'number' : typeof range[0];
    if (typeof amount !== wanted) refuse('amount', `is for a value of type ${name}, which takes a ${wanted}`, amount);
    return this.#change((old) => ((old as number) + (amount as number)) as ScalarOf<T>)[0];
  }

  /** Replaces a number. @returns what it was before @throws as `add` */
  exchange(value: ScalarOf<T>): ScalarOf<T> {
    return this.#change(() => value)[0];
  }

  /** Replaces a number if it is `expected`, bit by bit. @returns what it was before @throws as `add` */
  compareExchange(expected: ScalarOf<T>, value: ScalarOf<T>): ScalarOf<T> {
    const number = this.#number();
    checkNumber(number, expected, 'expected');
    checkNumber(number, value, 'value');
    return number.swap(this.#memory.views, this.#at, expected as number, value as number) as ScalarOf<T>;
  }

  /**
   * Changes a number by a function of what it is, as one: when somebody else has changed it meanwhile, the function is called again.
   *
   * @returns what it is then
   * @throws as `add`
   */
  update(change: (value: ScalarOf<T>) => ScalarOf<T>): ScalarOf<T> {
    return this.#change(change)[1];
  }

  #change(change: (value: ScalarOf<T>) => ScalarOf<T>): readonly [old: ScalarOf<T>, now: ScalarOf<T>] {
    const number = this.#number();
    const { views } = this.#memory;
    for (;;) {
      const old = number.get(views, this.#at);
      const now = change(old as ScalarOf<T>);
      checkNumber(number, now, 'value');
      if (Object.is(number.swap(views, this.#at, old, now as number), old))
        return [old as ScalarOf<T>, number.name === 'float32' ? (Math.fround(now as number) as ScalarOf<T>) : now];
    }
  }

  #number(): NumberAccess<number> {
    const { kind } = this.#type;
    if (kind in access) return access[kind as 'int32'];
    throw new InvalidStateError(`Only numbers are changed as one; this is a ${kind}: hold its lock and set its value.`);
  }

  toJSON(): ScalarOf<T> {
    return this.value;
  }

  [inspect.custom](): string {
    return `Value { ${this.#type.kind}: ${inspect(this.value)} }`;
  }

  static [packSymbol](value: Value<ValueType>, destination: Scope): Sent {
    const place = sendMemory(value.#memory, value.#at, value.#layout.byteLength, 'Value', destination);
    return { type: value.#type, place, ...ownFields(value) };
  }

  /** @internal */
  static [constantSymbol]({ place, own }: Sent): boolean {
    return isConstantPlace({ place, own }); // its type never changes
  }

  static [unpackSymbol]({ type, place, own }: Sent): Value<ValueType> {
    return Object.assign(madeBy(Value, [type, new Existing(receiveMemory(place, true))], this), own);
  }
}

interface Sent extends OwnFields {
  readonly type: ValueType;
  readonly place: BlockPlace;
}
