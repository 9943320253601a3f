/**
 * One direction of a pipe: a queue of messages in shared memory, and who has its two ends open.
 * @module
 */
import { Chain, FIRST_CHUNK_BYTES } from '../queues/chain.ts';
import { Getters, Putters, type Wish } from '../queues/ends.ts';
import { HEADER_BYTES, QueueRoom } from '../queues/queue-room.ts';
import { Receiver } from '../queues/receiver.ts';
import { Sender } from '../queues/sender.ts';
import type { Memory } from '../shared/field.ts';
import { newMemory, receiveMemory, sendMemory } from '../shared/memory-of.ts';
import type { Scope } from '../memory/region.ts';
import type { BlockPlace, ScopeOptions } from '../sync/place.ts';
import { Presence } from './presence.ts';

const SENDERS = 2;
const RECEIVERS = 3;

/** One direction. */
export class PipeLine {
  readonly sender: Sender;
  readonly receiver: Receiver;
  /** Who may send, and who may receive. */
  readonly senders: Presence;
  readonly receivers: Presence;
  readonly putters: Putters;
  readonly getters: Getters;
  readonly #memory: Memory;
  readonly #chain: Chain;

  constructor(memory: Memory, refusal: (wish: Wish) => Error) {
    const room = new QueueRoom(memory);
    this.#memory = memory;
    this.#chain = new Chain(room, room.core(0), room.core(1));
    this.senders = new Presence(room.core(SENDERS));
    this.receivers = new Presence(room.core(RECEIVERS));
    this.putters = new Putters(room.core(0), room, this.#chain, () => this.receivers.gone);
    this.getters = new Getters(room.core(1), room, this.#chain, () => this.senders.look());
    this.sender = new Sender(this.putters, this.getters);
    this.receiver = new Receiver(this.getters, this.putters, refusal);
  }

  /** A new one. @param maxSize messages on their way, before `send` waits; 0: no bound @throws UnsupportedPlatformError */
  static create({ scope }: ScopeOptions, most: number, maxSize: number, refusal: (wish: Wish) => Error): PipeLine {
    const memory = newMemory(
      { byteLength: HEADER_BYTES + FIRST_CHUNK_BYTES, waits: true, text: 'Pipe', most },
      { scope },
      (made) => {
        const room = new QueueRoom(made);
        room.prepare(most, maxSize);
        new Chain(room, room.core(0), room.core(1)).prepare();
      },
    );
    return new PipeLine(memory, refusal);
  }

  static receive(place: BlockPlace, refusal: (wish: Wish) => Error): PipeLine {
    return new PipeLine(receiveMemory(place, true), refusal);
  }

  /** How it travels. @throws EncodeError `ERR_NOT_SHAREABLE` */
  give(destination: Scope): BlockPlace {
    const { block } = this.#memory;
    return sendMemory(this.#memory, block.at, block.byteLength, 'Pipe', destination);
  }

  get scope(): Scope {
    return this.#memory.block.region.scope;
  }

  /** Messages on their way. */
  get length(): number {
    return this.#chain.length;
  }
}
