/**
 * The last lines that a worker has written to its standard error, for the error that tells of its end.
 * @module
 */
/** Bytes that are kept. */
const MOST_BYTES = 4096;
/** Lines that are shown. */
const MOST_LINES = 20;

/** Notes what passes by, and forgets all but the end of it. */
export class LastLines {
  #chunks: Buffer[] = [];
  #bytes = 0;
  #cut = false;

  /** Some more has been written. */
  note(chunk: Buffer): void {
    const kept = chunk.length > MOST_BYTES ? Buffer.from(chunk.subarray(-MOST_BYTES)) : chunk;
    this.#cut ||= kept !== chunk;
    this.#chunks.push(kept);
    this.#bytes += kept.length;
    for (
      let [first] = this.#chunks;
      first !== undefined && this.#bytes - first.length >= MOST_BYTES;
      [first] = this.#chunks
    ) {
      this.#chunks.shift();
      this.#bytes -= first.length;
      this.#cut = true;
    }
  }

  /** The last lines, without the last line end; empty when there are none. */
  get text(): string {
    const lines = Buffer.concat(this.#chunks).toString().trimEnd().split('\n');
    if (this.#cut && lines.length > 1) lines.shift(); // only its end is there
    return lines.slice(-MOST_LINES).join('\n');
  }
}
