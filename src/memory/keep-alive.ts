/**
 * Keeps the event loop alive while somebody waits for something that the loop cannot see.
 *
 * How it works  One message channel a thread; its port is referenced while at least one hold is out. A referenced port
 *               keeps the loop alive without a timer and without a wake-up.
 * Invariants    The port is referenced exactly while `holds > 0`.
 * @module
 */
import { MessageChannel, type MessagePort } from 'node:worker_threads';

let port: MessagePort | undefined;
let holds = 0;

function portOfThisThread(): MessagePort {
  if (port === undefined) {
    port = new MessageChannel().port1;
    port.on('message', () => {});
    port.unref();
  }
  return port;
}

/** A reason for the event loop to go on. */
export class KeepAlive {
  #held = true;

  private constructor() {
    holds += 1;
    if (holds === 1) portOfThisThread().ref();
  }

  /** Keeps the loop alive until `release`. */
  static hold(): KeepAlive {
    return new KeepAlive();
  }

  /** Lets the loop end again, as far as this hold is concerned. A second call does nothing. */
  release(): void {
    if (!this.#held) return;
    this.#held = false;
    holds -= 1;
    if (holds === 0) port?.unref();
  }
}
