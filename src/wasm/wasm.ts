/**
 * `wasm()`: a WebAssembly module, compiled once and used by every worker.
 *
 * How it works  Threads get the compiled module itself, which they share; a process gets the file's name or the bytes, and compiles it once. Each
 *               thread makes its own instance when it first asks for `exports`, and keeps it: what the instance holds in its globals and its own
 *               memory is there for the next task on that thread. A shared memory that the module imports is made once, and all threads have it.
 * When it dies  An instance goes with its thread. What it had half written to a shared memory stays so.
 * @module
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { inspect } from 'node:util';
import { threadId } from 'node:worker_threads';
import { packSymbol, unpackSymbol } from '../closures/protocol-symbols.ts';
import { EncodeError } from '../errors/encode-error.ts';
import { InvalidOptionError } from '../errors/executor-errors.ts';
import { type CompiledModule, engine, type WasmImports, type WasmMemory } from './engine.ts';
import { memoryImport } from './memory-import.ts';

/** Options of `wasm()`. */
export interface WasmOptions {
  /**
   * Gives what the module imports, by module and name. It is called once in each thread that uses the module, and travels there like any function. A
   * shared memory that the module imports need not be among it.
   */
  readonly imports?: () => WasmImports;
}

/** What is needed to make one anew. */
interface Sent {
  readonly key: string;
  readonly module: CompiledModule | undefined;
  readonly from: string | Uint8Array<ArrayBuffer> | undefined;
  readonly memory: WasmMemory | undefined;
  readonly imports: (() => WasmImports) | undefined;
}

/** Those that were made here: who has made one keeps it. */
const made = new Map<string, WeakRef<Wasm>>();
const forgotten = new FinalizationRegistry<string>((key) => made.delete(key));
/** Those that have come from elsewhere: their instances are kept for the tasks to come. */
const received = new Map<string, Wasm>();
let count = 0;

/** A compiled WebAssembly module, with an instance in each thread that uses it. Made by `wasm()`. */
export class Wasm<E extends object = Readonly<Record<string, (...args: number[]) => number>>> {
  /** Compiled; threads share it. */
  readonly module: CompiledModule;
  /** The shared memory that the module imports, if it does. */
  readonly memory: WasmMemory | undefined;
  readonly #key: string;
  /** File or bytes, for other processes. */
  readonly #from: string | Uint8Array<ArrayBuffer> | undefined;
  readonly #imports: (() => WasmImports) | undefined;
  #exports: E | undefined;

  /** @internal */
  constructor({ key, module, from, memory, imports }: Sent) {
    const bytes = typeof from === 'string' ? read(from) : from;
    this.module = module ?? compile(bytes as Uint8Array<ArrayBuffer>, from);
    this.memory = memory ?? sharedMemory(bytes);
    this.#key = key;
    this.#from = from;
    this.#imports = imports;
  }

  /** What the module exports: of the instance of this thread, which is made when somebody first asks. */
  get exports(): E {
    this.#exports ??= new engine.Instance(this.module, this.#given()).exports as E;
    return this.#exports;
  }

  #given(): WasmImports {
    const imports = { ...this.#imports?.() };
    if (this.memory === undefined) return imports;
    for (const { module, name, kind } of engine.Module.imports(this.module)) {
      if (kind === 'memory') imports[module] = { [name]: this.memory, ...imports[module] };
    }
    return imports;
  }

  /** How it travels. */
  static [packSymbol](one: Wasm, destination: 'thread' | 'process'): Sent {
    const { module, memory } = one;
    const sent = { key: one.#key, imports: one.#imports, from: one.#from };
    if (destination === 'thread') return { ...sent, module, memory };
    if (memory !== undefined) {
      throw new EncodeError('the memory of this WebAssembly module is shared among threads; use a pool of threads.', {
        code: 'ERR_NOT_SHAREABLE',
        path: '',
      });
    }
    if (sent.from === undefined) {
      throw new EncodeError(
        'a compiled WebAssembly module cannot go to another process; give wasm() its file or its bytes.',
        { code: 'ERR_NOT_CLONEABLE', path: '' },
      );
    }
    return { ...sent, module: undefined, memory: undefined };
  }

  static [unpackSymbol](sent: Sent): Wasm {
    const known = made.get(sent.key)?.deref() ?? received.get(sent.key);
    if (known !== undefined) return known;
    const fresh: Wasm = new Wasm(sent);
    received.set(sent.key, fresh);
    return fresh;
  }
}

/**
 * Compiles a WebAssembly module once, for all workers: a function that captures what this returns finds, wherever it runs, an instance of its own
 * thread under `exports`.
 *
 * A memory that the module imports and that is *shared* is made once for all threads. Each thread has one instance for as long as it lives.
 *
 * **Python** has no counterpart; `ctypes.CDLL` comes near: a library, loaded once in each process.
 *
 * **Gotchas** It is compiled at once, in this thread. Give processes the file's name rather than the bytes, which would be sent each time.
 *
 * @param source the file, as a path or URL; its bytes; or a `WebAssembly.Module`, for threads only
 * @throws InvalidOptionError `ERR_INVALID_OPTION`: there is no such file, or it is no WebAssembly
 * @example
 * const codec = wasm<{ spin(rounds: number): number }>(new URL('./spin.wasm', import.meta.url));
 * console.log(await pool.map((n: number) => codec.exports.spin(n), [1000, 2000]));
 */
export function wasm<E extends object = Readonly<Record<string, (...args: number[]) => number>>>(
  source: string | URL | Uint8Array | ArrayBuffer | object,
  options: WasmOptions = {},
): Wasm<E> {
  const { imports } = options;
  if (imports !== undefined && typeof imports !== 'function') {
    throw new InvalidOptionError(`imports must be a function that gives them, not ${inspect(imports, { depth: 0 })}.`);
  }
  count += 1;
  const key = `${process.pid}.${threadId}.${count}`;
  const isCompiled = source instanceof engine.Module;
  const result = new Wasm<E>({
    key,
    module: isCompiled ? source : undefined,
    from: isCompiled ? undefined : fileOrBytes(source),
    memory: undefined,
    imports,
  });
  made.set(key, new WeakRef(result as unknown as Wasm));
  forgotten.register(result, key);
  return result;
}

function fileOrBytes(source: unknown): string | Uint8Array<ArrayBuffer> {
  if (source instanceof URL) return source.href;
  if (typeof source === 'string') return source.startsWith('file:') ? source : pathToFileURL(source).href;
  if (source instanceof ArrayBuffer) return new Uint8Array(source);
  if (ArrayBuffer.isView(source)) {
    return new Uint8Array(new Uint8Array(source.buffer, source.byteOffset, source.byteLength));
  }
  throw new InvalidOptionError(
    `wasm() wants a file, bytes or a WebAssembly.Module, not ${inspect(source, { depth: 0 })}.`,
  );
}

function read(url: string): Uint8Array<ArrayBuffer> {
  try {
    return readFileSync(fileURLToPath(url));
  } catch (error) {
    throw new InvalidOptionError(`wasm() cannot read ${url}: ${(error as Error).message}`, { cause: error });
  }
}

function compile(bytes: Uint8Array<ArrayBuffer>, from: unknown): CompiledModule {
  try {
    return new engine.Module(bytes);
  } catch (error) {
    const what = typeof from === 'string' ? from : `what was given (${bytes.length} bytes)`;
    throw new InvalidOptionError(`${what} is no WebAssembly module: ${(error as Error).message}`, { cause: error });
  }
}

/** The memory that the module imports, if it is to be shared. */
function sharedMemory(bytes: Uint8Array<ArrayBuffer> | undefined): WasmMemory | undefined {
  const wanted = bytes === undefined ? undefined : memoryImport(bytes);
  if (wanted?.shared !== true) return undefined;
  const { initial, maximum = initial } = wanted;
  return new engine.Memory({ initial, maximum, shared: true });
}
