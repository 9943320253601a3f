/**
 * What a crew's workers say by message: batches of answers, answers that are not small, and the code that these name.
 *
 * Invariants  A task whose answer came by message is off its worker's hands before the answer is unpacked, so that the worker's death from
 *             then on takes nothing with it.
 * @module
 */
import type { CodeUnit } from '../closures/packet.ts';
import { unpack } from '../closures/unpack.ts';
import { errorFromData } from '../errors/error-data.ts';
import { ManyhandsError } from '../errors/manyhands-error.ts';
import { FAILED, type FromWorker, isFinal } from '../workers/messages.ts';
import type { Dispatcher, DispatchOwner, Seat } from './dispatcher.ts';
import type { Notices } from './notices.ts';

type PackedAnswer = FromWorker & { readonly type: 'answer' };

/** Takes messages in. */
export class Mail {
  readonly #owner: DispatchOwner;
  readonly #dispatcher: Dispatcher;
  readonly #notices: Notices;
  /** Code that workers have sent along with their answers, by worker. */
  readonly #codeOf = new WeakMap<Seat, Map<number, CodeUnit>>();

  constructor(owner: DispatchOwner, dispatcher: Dispatcher, notices: Notices) {
    this.#owner = owner;
    this.#dispatcher = dispatcher;
    this.#notices = notices;
  }

  /** A message has come. */
  receive(seat: Seat, message: FromWorker): void {
    switch (message.type) {
      case 'answers':
        this.#dispatcher.onBatch(seat, message.bytes);
        break;
      case 'wake':
        this.#dispatcher.onBatch(seat, undefined);
        break;
      case 'answer':
        void (isFinal(message.status) ? this.#onPackedAnswer(seat, message) : this.#onPackedReport(seat, message));
        break;
      case 'aborted':
        this.#notices.onHeard(seat, message.id);
        break;
      case 'memory':
        seat.memory = message.bytes;
        break;
      case 'prepared':
        seat.prepared = message.ms;
        break;
      case 'code': {
        const code = this.#codeOf.get(seat) ?? new Map<number, CodeUnit>();
        this.#codeOf.set(seat, code.set(message.id, message.unit));
        break;
      }
      default:
        break;
    }
  }

  async #onPackedAnswer(seat: Seat, message: PackedAnswer): Promise<void> {
    const { id, packet, error, extra } = message;
    let { status } = message;
    this.#dispatcher.onAnswered(seat, id, status);
    let value: unknown;
    try {
      value = packet === undefined ? error && errorFromData(error) : await unpack(packet, this.#codeFrom(seat));
    } catch (reason) {
      status = FAILED;
      value = reason;
    }
    this.#owner.onAnswer(id, status, extra, value, seat);
    if (this.#owner.outstanding === 0) setImmediate(() => this.#owner.onIdle());
  }

  /** Whoever hears it is found first: by the time it is unpacked the task may have ended. */
  async #onPackedReport(seat: Seat, { id, status, extra, packet }: PackedAnswer): Promise<void> {
    this.#dispatcher.catchUp(seat);
    const report = this.#owner.reporter(id, seat);
    try {
      report?.(status, extra, packet === undefined ? undefined : await unpack(packet, this.#codeFrom(seat)));
    } catch (error) {
      report?.(FAILED, extra, error);
    }
  }

  #codeFrom(seat: Seat): (id: number) => CodeUnit {
    return (id) => {
      const unit = this.#codeOf.get(seat)?.get(id);
      if (unit !== undefined) return unit;
      throw new ManyhandsError(`${seat.worker?.label} answered with code that it has not sent.`, {
        code: 'ERR_PROTOCOL',
      });
    };
  }
}
