/**
 * Stands between a crew and its dispatcher and tells a collector what goes through: a pool that does not measure has nothing of it.
 * @module
 */
import { CHUNK, CLAIM, DONE, isFinal, MEASURED, STAR_CHUNK, type TaskFigures } from '../../workers/messages.ts';
import type { Dispatcher, DispatchOwner, Leftovers, Reporter, Seat } from '../dispatcher.ts';
import type { Collector } from './collector.ts';

/** The crew's side, as the dispatcher sees it. */
export class MeasuringOwner implements DispatchOwner {
  readonly #owner: DispatchOwner;
  readonly #collector: Collector;

  constructor(owner: DispatchOwner, collector: Collector) {
    this.#owner = owner;
    this.#collector = collector;
  }

  get outstanding(): number {
    return this.#owner.outstanding;
  }

  onAnswer(id: number, status: number, extra: number, value: unknown, seat: Seat): void {
    if (status === MEASURED) {
      this.#collector.measured(id, seat, value as TaskFigures);
      return;
    }
    if (isFinal(status)) this.#collector.ended(id, status === DONE);
    this.#owner.onAnswer(id, status, extra, value, seat);
  }

  reporter(id: number, seat: Seat): Reporter | undefined {
    return this.#owner.reporter(id, seat);
  }

  isWanted(id: number): boolean {
    return this.#owner.isWanted(id);
  }

  sendPayload(id: number, seat: Seat): boolean {
    const start = performance.now();
    const sent = this.#owner.sendPayload(id, seat);
    this.#collector.sent(performance.now() - start);
    return sent;
  }

  onLetGo(seat: Seat): void {
    this.#owner.onLetGo(seat);
  }

  onDropped(id: number): void {
    this.#owner.onDropped(id);
  }

  onIdle(): void {
    this.#owner.onIdle();
  }
}

/** The dispatcher, as the crew sees it. */
export class MeasuringDispatcher implements Dispatcher {
  readonly #inner: Dispatcher;
  readonly #collector: Collector;
  /** A task whose arguments were not compact: it comes again once they have been packed. */
  #refused: { readonly id: number; readonly start: number; readonly items: number } | undefined;

  constructor(inner: Dispatcher, collector: Collector) {
    this.#inner = inner;
    this.#collector = collector;
  }

  put(id: number, fn: number, kind: number, values: readonly unknown[]): boolean {
    const refused = this.#refused;
    const start = refused?.id === id ? refused.start : performance.now();
    this.#refused = undefined;
    const items = refused?.id === id ? refused.items : itemsOf(kind, values);
    this.#collector.placing(id, start, items);
    const taken = this.#inner.put(id, fn, kind, values);
    if (taken) {
      this.#collector.sent(performance.now() - start);
    } else {
      this.#collector.ended(id, undefined);
      this.#refused = { id, start, items };
    }
    return taken;
  }

  putBytes(id: number, fn: number, kind: number, bytes: Uint8Array): void {
    const start = performance.now();
    const refused = this.#refused;
    this.#collector.placing(id, start, refused?.id === id ? refused.items : undefined);
    this.#inner.putBytes(id, fn, kind, bytes);
    this.#collector.sent(performance.now() - start);
  }

  give(seat: Seat, id: number, fn: number, kind: number, bytes: Uint8Array): void {
    const start = performance.now();
    this.#collector.placing(id, start);
    this.#inner.give(seat, id, fn, kind, bytes);
    this.#collector.sent(performance.now() - start);
  }

  seat(): Seat {
    const seat = this.#inner.seat();
    this.#collector.seated(seat);
    return seat;
  }

  onReady(seat: Seat): void {
    this.#collector.ready(seat);
    this.#inner.onReady(seat);
  }

  leave(seat: Seat): Leftovers {
    const leftovers = this.#inner.leave(seat);
    for (const { id } of leftovers.held) this.#collector.ended(id, false);
    this.#collector.left(seat);
    return leftovers;
  }

  onBatch(seat: Seat, bytes: Uint8Array | undefined): void {
    this.#inner.onBatch(seat, bytes);
  }

  catchUp(seat: Seat): void {
    this.#inner.catchUp(seat);
  }

  onAnswered(seat: Seat, id: number, status: number): void {
    this.#inner.onAnswered(seat, id, status);
  }

  withdraw(id: number): boolean {
    return this.#inner.withdraw(id);
  }

  holder(id: number): Seat | undefined {
    return this.#inner.holder(id);
  }

  held(seat: Seat): number[] {
    return this.#inner.held(seat);
  }

  ahead(seat: Seat): number[] {
    return this.#inner.ahead(seat);
  }

  bar(seat: Seat): void {
    this.#inner.bar(seat);
  }

  feed(): void {
    this.#inner.feed();
  }
}

/** Items of a chunk of a map; one, of what is none, or is sent later. */
function itemsOf(kind: number, values: readonly unknown[]): number {
  const form = kind & CLAIM;
  return form === CHUNK || form === STAR_CHUNK ? (values[0] as readonly unknown[]).length : 1;
}
