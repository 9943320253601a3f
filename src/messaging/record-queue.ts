/**
 * First-in, first-out queue of small tasks, as bytes: what waits for room elsewhere.
 *
 * How it works  Records are written one behind the other into pages, in the form that `BatchReader` reads, so a waiting task
 *               costs a few dozen bytes instead of objects, and a run of records can be sent as it lies. Some emptied
 *               pages are kept for the next burst.
 * Layout        Pages of records: [bytes in all, a multiple of 8][id][function][kind][payload bytes][payload…].
 * Why           A million tasks submitted at once wait in some 30 MB that the garbage collector never has to look at.
 * @module
 */
import { NO_ROOM, NOT_COMPACT, ValueCodec } from './value-codec.ts';

const HEADER_WORDS = 5;
const HEADER = HEADER_WORDS * 4;
const PAGE_BYTES = 64 * 1024;
/** Emptied pages kept for the next burst. */
const MAX_SPARES = 16;
const MAX_PAGE_BYTES = 512 * 1024;

class Page {
  readonly bytes: Uint8Array;
  readonly words: Int32Array;
  readonly codec: ValueCodec;
  end = 0;
  next = 0;

  constructor(size: number) {
    this.bytes = new Uint8Array(size);
    this.words = new Int32Array(this.bytes.buffer);
    this.codec = new ValueCodec(this.bytes);
  }
}

/** Small tasks that wait. */
export class RecordQueue {
  #pages: Page[] = [];
  #first = 0;
  #spares: Page[] = [];
  #length = 0;

  /** Tasks that wait. */
  get length(): number {
    return this.#length;
  }

  /** Adds a task; false when its values have no compact form. */
  push(id: number, fn: number, kind: number, values: readonly unknown[]): boolean {
    let page = this.#pages.at(-1) ?? this.#addPage(PAGE_BYTES);
    for (;;) {
      const at = page.end;
      const payload = at + HEADER;
      const end = payload + 1 > page.bytes.length ? NO_ROOM : page.codec.writeList(values, payload, page.bytes.length);
      if (end === NOT_COMPACT) return false;
      if (end >= 0) {
        this.#finish(page, id, fn, kind, end - payload);
        return true;
      }
      const size = page.bytes.length;
      // An empty page that is too small makes way for a larger one, and none is kept for a task that fits in no page.
      if (at === 0) this.#pages.pop();
      if (at === 0 && size >= MAX_PAGE_BYTES) return false;
      page = this.#addPage(at === 0 ? size * 2 : PAGE_BYTES);
    }
  }

  /** Adds a task whose payload was written before. */
  pushBytes(id: number, fn: number, kind: number, source: Uint8Array): void {
    const bytes = HEADER + source.length + 8;
    let page = this.#pages.at(-1) ?? this.#addPage(PAGE_BYTES);
    if (page.end + bytes > page.bytes.length) page = this.#addPage(Math.max(PAGE_BYTES, (bytes + 7) & ~7));
    page.bytes.set(source, page.end + HEADER);
    this.#finish(page, id, fn, kind, source.length);
  }

  /** The payload has been written behind where the header comes. */
  #finish(page: Page, id: number, fn: number, kind: number, payload: number): void {
    const { words } = page;
    const word = page.end >> 2;
    const length = (HEADER + payload + 7) & ~7;
    words[word] = length;
    words[word + 1] = id;
    words[word + 2] = fn;
    words[word + 3] = kind;
    words[word + 4] = payload;
    page.end += length;
    this.#length += 1;
  }

  /** Makes the oldest task the current one; false when none waits. */
  peek(): boolean {
    if (this.#length === 0) return false;
    let page = this.#pages[this.#first] as Page;
    while (page.next === page.end) page = this.#dropPage(page);
    const word = page.next >> 2;
    this.id = page.words[word + 1] as number;
    this.fn = page.words[word + 2] as number;
    this.kind = page.words[word + 3] as number;
    this.payloadLength = page.words[word + 4] as number;
    this.payloadOffset = page.next + HEADER;
    this.bytes = page.bytes;
    return true;
  }

  /** The current task. */
  id = 0;
  fn = 0;
  kind = 0;
  bytes: Uint8Array = new Uint8Array(0);
  payloadOffset = 0;
  payloadLength = 0;

  /** Takes the current task out. */
  drop(): void {
    const page = this.#pages[this.#first] as Page;
    page.next += page.words[page.next >> 2] as number;
    this.#length -= 1;
    if (this.#length > 0) return;
    this.#pages = [];
    this.#first = 0;
    page.next = 0;
    page.end = 0;
    if (page.bytes.length === PAGE_BYTES) this.#pages.push(page);
    this.bytes = page.bytes;
  }

  /** Forgets everything. */
  clear(): void {
    this.#pages = [];
    this.#first = 0;
    this.#length = 0;
  }

  #addPage(size: number): Page {
    const page = (size === PAGE_BYTES ? this.#spares.pop() : undefined) ?? new Page(size);
    this.#pages.push(page);
    return page;
  }

  #dropPage(page: Page): Page {
    if (page.bytes.length === PAGE_BYTES && this.#spares.length < MAX_SPARES) {
      page.next = 0;
      page.end = 0;
      this.#spares.push(page);
    }
    this.#first += 1;
    if (this.#first > 64 && this.#first * 2 > this.#pages.length) {
      this.#pages.splice(0, this.#first);
      this.#first = 0;
    }
    return this.#pages[this.#first] as Page;
  }
}
