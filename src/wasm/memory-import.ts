/**
 * The memory that a module wants to be given, and how large it has to be.
 *
 * The engine tells that there is one, and under which name; its limits stand in the module's bytes only.
 *
 * Source  WebAssembly Core Specification, 5.5.5 (imports) and 5.3.8 (limits).
 * @module
 */

/** A memory that a module imports. */
export interface MemoryImport {
  readonly module: string;
  readonly name: string;
  /** Pages of 64 KiB. */
  readonly initial: number;
  readonly maximum: number | undefined;
  readonly shared: boolean;
}

const HEADER_BYTES = 8;
const IMPORTS = 2;
const MEMORY = 2;
const HAS_MAXIMUM = 1;
const SHARED = 2;

/** The first one in a module's bytes, which the engine has found to be sound. */
export function memoryImport(bytes: Uint8Array): MemoryImport | undefined {
  const reader = new Reader(bytes, HEADER_BYTES);
  while (reader.at < bytes.length) {
    const section = reader.byte();
    const end = reader.number() + reader.at;
    if (section === IMPORTS) return inSection(reader);
    reader.at = end;
  }
  return undefined;
}

function inSection(reader: Reader): MemoryImport | undefined {
  for (let left = reader.number(); left > 0; left--) {
    const module = reader.text();
    const name = reader.text();
    const kind = reader.byte();
    if (kind === MEMORY) {
      const flags = reader.byte();
      const initial = reader.number();
      const maximum = (flags & HAS_MAXIMUM) === 0 ? undefined : reader.number();
      return { module, name, initial, maximum, shared: (flags & SHARED) !== 0 };
    }
    skip(reader, kind);
  }
  return undefined;
}

/** A function's type · a table's type and limits · a global's type and whether it changes · a tag's type. */
function skip(reader: Reader, kind: number): void {
  if (kind === 0) {
    reader.number();
  } else if (kind === 1) {
    reader.byte();
    if ((reader.byte() & HAS_MAXIMUM) !== 0) reader.number();
    reader.number();
  } else if (kind === 3) {
    reader.byte();
    reader.byte();
  } else {
    reader.byte();
    reader.number();
  }
}

class Reader {
  readonly #bytes: Uint8Array;
  at: number;

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.at = at;
  }

  byte(): number {
    return this.#bytes[this.at++] as number;
  }

  /** LEB128, without a sign. */
  number(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.byte();
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  }

  text(): string {
    const length = this.number();
    const from = this.at;
    this.at += length;
    return new TextDecoder().decode(this.#bytes.subarray(from, this.at));
  }
}
