/**
 * Bounded ring of tasks in shared memory: one sender, many receivers that pull.
 *
 * How it works  A slot's state word says which turn of the ring it is in and whose it is. The sender fills the slot at its
 *               tail when the word says "empty, turn t" and publishes it by writing "ready, turn t". A receiver claims the
 *               slot at the head by one compare-exchange from "ready" to its own tag, so a claim names its owner from the
 *               first instant; whoever finds the head on a slot that is no longer ready moves it on.
 *               Small payloads lie in the slot. Larger ones lie in an arena behind the slots, which the sender owns and
 *               takes back, oldest first, once their slots have been let go.
 * Layout        [head][sleepers…][seekers…][barred…][slot 0: state, id, function, meta, 112 bytes]…[arena]
 *               state = turn (24 bits) << 8 | tag; meta = payload bytes, or ELSEWHERE | payload bytes with the offset in the
 *               first payload word.
 * Invariants    1. A slot is ready at most once a turn, and exactly one compare-exchange takes it from there: a receiver's
 *                  claim, or the sender's withdrawal. A task therefore never runs twice, nor after it was withdrawn.
 *               2. A claimed slot is let go only after its receiver has copied the task out and noted it as held.
 *               3. head <= tail < head + slots.
 * Ordering      The state word is written last by the sender and by the receiver. A receiver that runs dry sets its bit in
 *               `sleepers` and looks once more; the sender publishes first and reads `sleepers` afterwards.
 *               The sender bars a receiver before it looks what that one holds; a receiver notes a claim as held before it looks whether
 *               it is barred. So either the sender sees the task, or the receiver leaves it claimed and does not begin it.
 * When it dies  A receiver that dies between claim and letting go leaves its tag in the slot: `repair` finds it and gives
 *               the task back. The sender's death ends the process.
 * Turn wrap     A turn repeats after 2^24 tasks. A receiver that slept across exactly that many would claim the slot's
 *               present task instead of the one that it looked at: a correct claim all the same.
 * Source        After Dmitry Vyukov's bounded queue (1024cores.net), with ownership in the slot's word.
 * @module
 */
import { Arena } from '../memory/arena.ts';
import { layout } from '../memory/layout.ts';
import { allocateShared, CACHE_LINE } from '../memory/shared-buffer.ts';
import { clearBits, compareExchange, load, setBits, store, type Words } from '../memory/words.ts';
import { NO_ROOM, NOT_COMPACT, ValueCodec } from './value-codec.ts';

/** What a slot asks for: a number below 16, for the receiver to understand. */
export type TaskKind = number;

const WORD = Int32Array.BYTES_PER_ELEMENT;
const SLOT_BYTES = 2 * CACHE_LINE;
const SLOT_WORDS = SLOT_BYTES / WORD;
const STATE = 0;
const ID = 1;
const FUNCTION = 2;
const META = 3;
const PAYLOAD = 4;
const PAYLOAD_BYTE = PAYLOAD * WORD;
/** Bytes of payload that a slot holds itself. */
const INLINE_BYTES = SLOT_BYTES - PAYLOAD_BYTE;

const EMPTY = 0;
const READY = 1;
const WITHDRAWN = 2;
const CLAIMED = 3; // plus the receiver's number
/** Receivers that one ring can serve. */
export const MAX_RECEIVERS = 250;

const TURN_MASK = 0xffffff;
const LENGTH_MASK = 0xffffff;
const KIND_SHIFT = 24;
const KIND_MASK = 0xf;
const ELSEWHERE = 1 << 28; // above the kind's four bits

const stateOf = (turn: number, tag: number): number => (turn << 8) | tag;
const turnOf = (state: number): number => state >>> 8;
const tagOf = (state: number): number => state & 0xff;
/**
 * Below 0 when the slot is still in an earlier turn than the head (its receiver has not let go of it, or it was withdrawn),
 * so that nothing has been published here yet; above 0 when the head that was read is out of date.
 */
const turnsAhead = (state: number, head: number): number => (turnOf(state) - head) << 8;

/** Outcome of `TaskSender.put`: placed, no room now, or no compact form of this size. */
export type PutResult = 'placed' | 'full' | 'not-compact';

/** The shared part of a ring: can be posted to any thread. */
export interface TaskRingMemory {
  readonly buffer: SharedArrayBuffer;
  /** A power of two. */
  readonly slots: number;
  readonly arenaBytes: number;
}

const placesOf = (slots: number, arenaBytes: number) =>
  layout({
    head: CACHE_LINE,
    sleepers: CACHE_LINE,
    seekers: CACHE_LINE,
    barred: CACHE_LINE,
    slots: slots * SLOT_BYTES,
    arena: arenaBytes,
  });

/** Zeroed memory for a ring. */
export function createTaskRing(slots = 4096, arenaBytes = 4 * 1024 * 1024): TaskRingMemory {
  const places = placesOf(slots, arenaBytes);
  const buffer = allocateShared(places.byteLength);
  const words = new Int32Array(buffer);
  const first = places.slots / WORD;
  for (let slot = 0; slot < slots; slot++) words[first + slot * SLOT_WORDS + STATE] = stateOf(slot, EMPTY);
  return { buffer, slots, arenaBytes };
}

class RingView {
  readonly words: Words;
  readonly codec: ValueCodec;
  readonly head: number;
  readonly sleepers: number;
  readonly seekers: number;
  readonly barred: number;
  readonly mask: number;
  readonly slots: number;
  readonly first: number;
  readonly arena: number;

  constructor(memory: TaskRingMemory) {
    const places = placesOf(memory.slots, memory.arenaBytes);
    this.words = new Int32Array(memory.buffer);
    this.codec = new ValueCodec(new Uint8Array(memory.buffer));
    this.head = places.head / WORD;
    this.sleepers = places.sleepers / WORD;
    this.seekers = places.seekers / WORD;
    this.barred = places.barred / WORD;
    this.first = places.slots / WORD;
    this.arena = places.arena;
    this.slots = memory.slots;
    this.mask = memory.slots - 1;
  }
}

/** A task that a receiver had claimed when it ended. */
export interface ClaimedTask {
  readonly id: number;
  readonly fn: number;
  readonly kind: TaskKind;
  readonly payload: Uint8Array;
}

/** The one sending end. */
export class TaskSender {
  readonly #words: Words;
  readonly #codec: ValueCodec;
  readonly #ring: RingView;
  readonly #arena: Arena;
  readonly #arenaBytes: number;
  /** Positions of the tasks whose payload lies in the arena, oldest first. */
  #elsewhere: number[] = [];
  /** Words of `sleepers` and `seekers` in use. */
  #groups: number;
  #tail = 0;

  /** @param receivers how many numbers are in use from the beginning; `admit` adds others */
  constructor(memory: TaskRingMemory, receivers = 1) {
    this.#ring = new RingView(memory);
    this.#groups = Math.ceil(receivers / 32);
    this.#words = this.#ring.words;
    this.#codec = this.#ring.codec;
    this.#arena = new Arena(this.#ring.arena, memory.arenaBytes);
    this.#arenaBytes = memory.arenaBytes;
  }

  /** Makes sure that a receiver of this number is seen when it sleeps or seeks. */
  admit(receiver: number): void {
    if (receiver >= MAX_RECEIVERS) throw new RangeError(`A ring serves at most ${MAX_RECEIVERS} receivers.`);
    this.#groups = Math.max(this.#groups, (receiver >>> 5) + 1);
  }

  /** Places a task with these values as its payload, written where a receiver will read them. */
  put(id: number, fn: number, kind: TaskKind, values: readonly unknown[]): PutResult {
    const slot = this.#vacant();
    if (slot < 0) return 'full';
    const payload = (slot + PAYLOAD) * WORD;
    const end = this.#codec.writeList(values, payload, payload + INLINE_BYTES);
    if (end >= 0) {
      this.#words[slot + META] = (end - payload) | (kind << KIND_SHIFT);
    } else if (end === NOT_COMPACT) {
      return 'not-compact';
    } else {
      const placed = this.#putElsewhere(slot, kind, values);
      if (placed !== 'placed') return placed;
    }
    this.#publish(slot, id, fn);
    return 'placed';
  }

  /** Places a task whose payload was written before; `source` holds it at `offset`. */
  putBytes(id: number, fn: number, kind: TaskKind, source: Uint8Array, offset: number, length: number): boolean {
    const slot = this.#vacant();
    if (slot < 0) return false;
    const words = this.#words;
    const bytes = this.#ring.codec.bytes;
    let target = (slot + PAYLOAD) * WORD;
    let meta = length | (kind << KIND_SHIFT);
    if (length > INLINE_BYTES) {
      this.#reclaim();
      target = this.#arena.reserve(length);
      if (target < 0) return false;
      this.#arena.take(target, length);
      this.#elsewhere.push(this.#tail);
      words[slot + PAYLOAD] = target;
      meta |= ELSEWHERE;
      bytes.set(source.subarray(offset, offset + length), target);
    } else {
      for (let i = 0; i < length; i++) bytes[target + i] = source[offset + i] as number;
    }
    words[slot + META] = meta;
    this.#publish(slot, id, fn);
    return true;
  }

  /**
   * Takes a task back that nobody has claimed; false when it is too late, or not here. Looks through the ring: some ten
   * microseconds, paid by the rare cancellation instead of by every task.
   */
  withdraw(id: number): boolean {
    const words = this.#words;
    for (let index = 0; index < this.#ring.slots; index++) {
      const slot = this.#ring.first + index * SLOT_WORDS;
      if (words[slot + ID] !== id) continue;
      const state = load(words, slot + STATE);
      if (tagOf(state) !== READY || words[slot + ID] !== id) continue;
      return compareExchange(words, slot + STATE, state, stateOf(turnOf(state), WITHDRAWN)) === state;
    }
    return false;
  }

  /** Tasks placed and not yet taken. */
  get depth(): number {
    return (this.#tail - load(this.#words, this.#ring.head)) | 0;
  }

  /** Whether a receiver is awake and looking for a task. */
  get hasSeeker(): boolean {
    for (let group = 0; group < this.#groups; group++)
      if (load(this.#words, this.#ring.seekers + group) !== 0) return true;
    return false;
  }

  /**
   * Picks one sleeping receiver to wake and returns its number, or -1 when none sleeps. It counts as a seeker from here on: being
   * woken takes it a while, during which waking others as well would only make them find nothing.
   */
  takeSleeper(): number {
    const words = this.#words;
    const from = this.#ring.sleepers;
    for (let group = 0; group < this.#groups; group++) {
      for (let bits = load(words, from + group); bits !== 0; bits = load(words, from + group)) {
        const lowest = bits & -bits;
        // First note it as a seeker, then take it: one that wakes by itself meanwhile clears both, or loses us the second.
        setBits(words, this.#ring.seekers + group, lowest);
        if ((clearBits(words, from + group, lowest) & lowest) !== 0) return group * 32 + (31 - Math.clz32(lowest));
        clearBits(words, this.#ring.seekers + group, lowest);
      }
    }
    return -1;
  }

  /** Keeps a receiver from beginning anything more. */
  bar(receiver: number): void {
    setBits(this.#words, this.#ring.barred + (receiver >>> 5), 1 << (receiver & 31));
  }

  /** After a receiver's death: frees what it had claimed and not let go, and returns those tasks; its number may be used again. */
  repair(receiver: number): ClaimedTask[] {
    const words = this.#words;
    const tasks: ClaimedTask[] = [];
    clearBits(words, this.#ring.sleepers + (receiver >>> 5), 1 << (receiver & 31));
    clearBits(words, this.#ring.seekers + (receiver >>> 5), 1 << (receiver & 31));
    clearBits(words, this.#ring.barred + (receiver >>> 5), 1 << (receiver & 31));
    for (let index = 0; index < this.#ring.slots; index++) {
      const slot = this.#ring.first + index * SLOT_WORDS;
      const state = load(words, slot + STATE);
      if (tagOf(state) !== CLAIMED + receiver) continue;
      const meta = words[slot + META] as number;
      const length = meta & LENGTH_MASK;
      const at = (meta & ELSEWHERE) !== 0 ? (words[slot + PAYLOAD] as number) : (slot + PAYLOAD) * WORD;
      const payload = this.#codec.bytes.slice(at, at + length);
      const kind = (meta >>> KIND_SHIFT) & KIND_MASK;
      tasks.push({ id: words[slot + ID] as number, fn: words[slot + FUNCTION] as number, kind, payload });
      store(words, slot + STATE, stateOf(turnOf(state) + this.#ring.slots, EMPTY));
    }
    return tasks;
  }

  #slotOf(position: number): number {
    return this.#ring.first + (position & this.#ring.mask) * SLOT_WORDS;
  }

  /** The slot at the tail if it may be filled, or -1. */
  #vacant(): number {
    const tail = this.#tail;
    const slot = this.#slotOf(tail);
    const state = load(this.#words, slot + STATE);
    if (state === stateOf(tail, EMPTY)) return slot;
    const before = (tail - this.#ring.slots) & TURN_MASK;
    // A withdrawn task whose turn the head has passed: its slot was left for us.
    if (
      state === stateOf(before, WITHDRAWN) &&
      ((load(this.#words, this.#ring.head) - tail + this.#ring.slots) | 0) > 0
    )
      return slot;
    return -1;
  }

  #publish(slot: number, id: number, fn: number): void {
    const words = this.#words;
    words[slot + ID] = id;
    words[slot + FUNCTION] = fn;
    store(words, slot + STATE, stateOf(this.#tail, READY));
    this.#tail = (this.#tail + 1) | 0;
  }

  #putElsewhere(slot: number, kind: TaskKind, values: readonly unknown[]): PutResult {
    this.#reclaim();
    const room = this.#arena.room();
    const at = this.#arena.reserve(room);
    const end = room === 0 ? NO_ROOM : this.#codec.writeList(values, at, at + room);
    if (end === NOT_COMPACT) return 'not-compact';
    if (end === NO_ROOM) return room === this.#arenaBytes ? 'not-compact' : 'full';
    this.#arena.take(at, end - at);
    this.#elsewhere.push(this.#tail);
    this.#words[slot + PAYLOAD] = at;
    this.#words[slot + META] = (end - at) | (kind << KIND_SHIFT) | ELSEWHERE;
    return 'placed';
  }

  /** Takes back the arena's blocks whose slots have been let go. */
  #reclaim(): void {
    const queue = this.#elsewhere;
    let done = 0;
    for (; done < queue.length; done++) {
      const position = queue[done] as number;
      const state = load(this.#words, this.#slotOf(position) + STATE);
      if (turnOf(state) === (position & TURN_MASK) && tagOf(state) !== WITHDRAWN) break;
      this.#arena.release();
    }
    if (done === queue.length) this.#elsewhere = [];
    else if (done > 0) queue.splice(0, done);
  }
}

/** One of many receiving ends. */
export class TaskReceiver {
  readonly #words: Words;
  readonly #ring: RingView;
  readonly #number: number;
  #slot = 0;
  #position = 0;
  /** Id, function and kind of the task taken last. */
  id = 0;
  fn = 0;
  kind: TaskKind = 0;

  /** @param number below `MAX_RECEIVERS`, and this receiver's alone */
  constructor(memory: TaskRingMemory, number: number) {
    this.#ring = new RingView(memory);
    this.#words = this.#ring.words;
    this.#number = number;
  }

  /** Claims the next task, if there is one; its payload may be read until `letGo`. */
  take(): boolean {
    const words = this.#words;
    const ring = this.#ring;
    for (;;) {
      const head = load(words, ring.head);
      const slot = ring.first + (head & ring.mask) * SLOT_WORDS;
      const state = load(words, slot + STATE);
      const ahead = turnsAhead(state, head);
      if (ahead < 0) return false;
      if (ahead === 0) {
        if (tagOf(state) === EMPTY) return false;
        if (tagOf(state) === READY) {
          if (compareExchange(words, slot + STATE, state, stateOf(head, CLAIMED + this.#number)) !== state) continue;
          compareExchange(words, ring.head, head, (head + 1) | 0);
          this.#slot = slot;
          this.#position = head;
          this.id = words[slot + ID] as number;
          this.fn = words[slot + FUNCTION] as number;
          this.kind = ((words[slot + META] as number) >>> KIND_SHIFT) & KIND_MASK;
          return true;
        }
      }
      // Claimed, withdrawn or already in a later turn: the head lags behind; help it on.
      compareExchange(words, ring.head, head, (head + 1) | 0);
    }
  }

  /** Whether it must not begin what it has taken. Look when that has been noted as held; the slot then stays as it is. */
  get barred(): boolean {
    return (load(this.#words, this.#ring.barred + (this.#number >>> 5)) & (1 << (this.#number & 31))) !== 0;
  }

  /** Whether a task is there to be taken. */
  peek(): boolean {
    const head = load(this.#words, this.#ring.head);
    const slot = this.#ring.first + (head & this.#ring.mask) * SLOT_WORDS;
    const state = load(this.#words, slot + STATE);
    const ahead = turnsAhead(state, head);
    return ahead > 0 || (ahead === 0 && tagOf(state) !== EMPTY);
  }

  /** Payload bytes of the task taken last. */
  get payloadLength(): number {
    return (this.#words[this.#slot + META] as number) & LENGTH_MASK;
  }

  /** Where its payload begins, in bytes of `bytes`. */
  get payloadOffset(): number {
    const meta = this.#words[this.#slot + META] as number;
    if ((meta & ELSEWHERE) !== 0) return this.#words[this.#slot + PAYLOAD] as number;
    return (this.#slot + PAYLOAD) * WORD;
  }

  /** The ring's bytes. */
  get bytes(): Uint8Array {
    return this.#ring.codec.bytes;
  }

  /** The payload as values. */
  values(): unknown[] {
    return this.#ring.codec.readList(this.payloadOffset);
  }

  /** Gives the slot back; call once the payload has been read and the task is noted as held. */
  letGo(): void {
    store(this.#words, this.#slot + STATE, stateOf(this.#position + this.#ring.slots, EMPTY));
  }

  /**
   * Announces that this receiver looks for a task without sleeping; false when `most` others do already, which is enough to
   * take what comes and leaves the cores to those who have work.
   */
  seek(most: number): boolean {
    const words = this.#words;
    const from = this.#ring.seekers;
    let others = 0;
    for (let group = 0; group <= MAX_RECEIVERS >>> 5 && others < most; group++) {
      for (let bits = load(words, from + group); bits !== 0; bits &= bits - 1) others += 1;
    }
    if (others >= most) return false;
    setBits(words, from + (this.#number >>> 5), 1 << (this.#number & 31));
    return true;
  }

  /** Takes the announcement back. */
  found(): void {
    clearBits(this.#words, this.#ring.seekers + (this.#number >>> 5), 1 << (this.#number & 31));
  }

  /** Announces that this receiver goes to sleep; false when a task has come meanwhile and it must not. */
  fallAsleep(): boolean {
    setBits(this.#words, this.#ring.sleepers + (this.#number >>> 5), 1 << (this.#number & 31));
    if (!this.peek()) return true;
    this.wakeUp();
    return false;
  }

  /** Takes the announcement back, and the one that was made for it when it was woken. */
  wakeUp(): void {
    clearBits(this.#words, this.#ring.sleepers + (this.#number >>> 5), 1 << (this.#number & 31));
    this.found();
  }
}
