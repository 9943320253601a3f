/**
 * The registered symbols that come over one connection: so many, and no more.
 *
 * Why           A registered symbol is never collected, so whoever names one takes memory for as long as the process lives.
 * How it works  Each connection counts the names that its other side has brought. Those that this side has sent over it, and may get back, are
 *               its own, and do not count. Whoever names too many ends that connection; what others may name is left as it was.
 * @module
 */

/** Names that count, and as many that do not. */
const MOST = 10_000;

/** The symbols of one connection. */
export class PeerSymbols {
  readonly #own = new Set<string>();
  readonly #theirs = new Set<string>();

  /** This side names one. */
  send(name: string): void {
    if (this.#own.size < MOST && !this.#theirs.has(name)) this.#own.add(name);
  }

  /** The other side names one; false when it has named too many. */
  receive(name: string): boolean {
    if (this.#own.has(name) || this.#theirs.has(name)) return true;
    if (this.#theirs.size >= MOST) return false;
    this.#theirs.add(name);
    return true;
  }
}
