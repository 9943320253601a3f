/**
 * The one owner of standard error: messages, what workers print, and the bar below them.
 *
 * How it works  While a bar is shown, whoever prints goes through here, whole lines at a time: the bar is taken away, the lines
 *               are written, the bar is drawn again below. Without a bar text passes as it is.
 * Output        Standard output holds results and nothing else. So `aside` stands in for `process.stdout` (and `process.stderr`)
 *               while a run lasts: what the user's module and its workers print there comes out on standard error.
 * @module
 */
import { Writable } from 'node:stream';
import type { WriteStream } from 'node:tty';

/** Draws and takes away what stands below the messages. */
export interface Footer {
  draw(): void;
  clear(): void;
}

/** Standard error. */
export class Terminal {
  readonly stream: WriteStream;
  #footer: Footer | undefined;
  #partial = '';

  constructor(stream: WriteStream) {
    this.stream = stream;
    stream.on('error', () => {}); // nobody reads it any more; the results go on
  }

  /** Whether somebody looks at it and it can move its cursor. */
  get canDraw(): boolean {
    return this.stream.isTTY === true && process.env['TERM'] !== 'dumb';
  }

  /** Shows something below the messages from now on. */
  setFooter(footer: Footer): void {
    this.#footer = footer;
  }

  /** Shows nothing below the messages any more. */
  removeFooter(): void {
    this.#footer?.clear();
    this.#footer = undefined;
    if (this.#partial !== '') this.stream.write(this.#partial);
    this.#partial = '';
  }

  /** Resolves when all that was written has left. */
  async flushed(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.stream.write('', () => resolve());
    });
  }

  /** Writes a line, or several. */
  line(text: string): void {
    this.write(`${text}\n`);
  }

  /** Writes text as it is; below it a footer stays whole. */
  write(text: string): void {
    if (this.#footer === undefined) {
      this.stream.write(text);
      return;
    }
    const all = this.#partial + text;
    const end = all.lastIndexOf('\n') + 1;
    this.#partial = all.slice(end);
    if (end === 0) return;
    this.beside(() => this.stream.write(all.slice(0, end)));
  }

  /** Lets somebody else write whole lines to the same terminal. */
  beside<T>(act: () => T): T {
    const footer = this.#footer;
    footer?.clear();
    const result = act();
    footer?.draw();
    return result;
  }

  /** A stream that writes here, for `process.stdout` and `process.stderr`. */
  aside(): Writable {
    const decoder = new TextDecoder();
    const stream = new Writable({
      decodeStrings: true,
      write: (chunk: Buffer, _encoding, done) => {
        this.write(decoder.decode(chunk, { stream: true }));
        done();
      },
    });
    const { isTTY, columns, rows } = this.stream;
    if (isTTY !== true) return stream;
    // As a terminal's stream has them, so that what is printed keeps its colours
    return Object.assign(stream, {
      isTTY,
      columns,
      rows,
      getColorDepth: (env?: object) => this.stream.getColorDepth(env),
      hasColors: (count?: number) => this.stream.hasColors(count),
    });
  }
}
