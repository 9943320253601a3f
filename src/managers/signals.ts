/**
 * Signals that go along with a call: as an argument, or as the `signal` of options.
 *
 * How it works  A signal stays where it is; the call says where it stood, and whether it was aborted by then. The server puts one of its own there and
 *               aborts it when it is told. So `queue.get({ signal })` reads, and ends, as it does without a manager.
 * Bounded       Of a reason name and message go along, cut off where they are long: the caller gets its own reason in the end.
 * @module
 */
import { malformed, type SignalPlace } from './protocol.ts';

/** How many signals a call may have. */
const MOST = 64;
/** Characters of a reason's name, and of its message. */
const LONGEST_NAME = 100;
const LONGEST_MESSAGE = 500;

/** The name and the message of a reason. */
type Reason = readonly [name: string, message: string];

/** A signal that has to be passed on. */
export class OutgoingSignal {
  readonly place: SignalPlace;
  readonly #signal: AbortSignal;
  #forget: (() => void) | undefined;

  constructor(argument: number, inOptions: boolean, signal: AbortSignal) {
    this.place = signal.aborted ? [argument, inOptions, ...reasonFor(signal)] : [argument, inOptions];
    this.#signal = signal;
  }

  get aborted(): boolean {
    return this.#signal.aborted;
  }

  get reason(): unknown {
    return this.#signal.reason;
  }

  /** @param tell gets the reason, unless it has gone along with the place */
  listen(tell: (reason: Reason) => void): void {
    const signal = this.#signal;
    if (this.place.length > 2) return;
    const onAbort = (): void => tell(reasonFor(signal));
    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    this.#forget = () => signal.removeEventListener('abort', onAbort);
  }

  forget(): void {
    this.#forget?.();
  }
}

interface WithSignals {
  readonly args: readonly unknown[];
  readonly signals: readonly OutgoingSignal[];
}

/** Arguments without their signals, and those. */
export function outgoingSignals(values: readonly unknown[]): WithSignals {
  const signals: OutgoingSignal[] = [];
  const args = values.map((value, index) => {
    if (value instanceof AbortSignal) {
      signals.push(new OutgoingSignal(index, false, value));
      return undefined;
    }
    const { signal } = isOptions(value) ? value : {};
    if (!(signal instanceof AbortSignal)) return value;
    signals.push(new OutgoingSignal(index, true, signal));
    return { ...(value as object), signal: undefined };
  });
  return { args, signals };
}

/** Puts signals where they stood. @throws ProtocolError `ERR_BAD_MESSAGE` */
export function incomingSignals(places: readonly unknown[], args: unknown[]): AbortController[] {
  if (places.length > MOST) throw malformed();
  return places.map((place) => {
    const [index, inOptions, name, message] = (Array.isArray(place) ? place : []) as SignalPlace | [];
    const controller = new AbortController();
    if (typeof index !== 'number' || !(index in args)) throw malformed();
    if (typeof name === 'string' && typeof message === 'string') controller.abort(reasonOf(name, message));
    if (inOptions !== true) args[index] = controller.signal;
    else if (isOptions(args[index])) args[index] = { ...args[index], signal: controller.signal };
    return controller;
  });
}

function reasonFor({ reason }: AbortSignal): Reason {
  if (!(reason instanceof Error)) return ['AbortError', 'The operation was aborted'];
  return [short(reason.name, LONGEST_NAME), short(reason.message, LONGEST_MESSAGE)];
}

function short(text: unknown, longest: number): string {
  if (typeof text !== 'string') return '';
  return text.length > longest ? `${text.slice(0, longest)}…` : text;
}

/** The reason of a signal that was aborted elsewhere. */
export function reasonOf(name: string, message: string): Error {
  if (name === 'AbortError' || name === 'TimeoutError') return new DOMException(message, name);
  const error = new Error(message);
  Object.defineProperty(error, 'name', { value: name, writable: true, configurable: true, enumerable: false });
  return error;
}

function isOptions(value: unknown): value is { readonly signal?: unknown } {
  if (typeof value !== 'object' || value === null) return false;
  const proto: unknown = Object.getPrototypeOf(value);
  return (proto === Object.prototype || proto === null) && Object.hasOwn(value, 'signal');
}
