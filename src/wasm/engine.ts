/**
 * The part of `WebAssembly` that is used here. The language's own library does not name it, and the browser's, which does, is not Node's.
 * @module
 */

/** A compiled module. */
export interface CompiledModule {
  readonly [Symbol.toStringTag]: 'WebAssembly.Module';
}

/** A memory. */
export interface WasmMemory {
  readonly buffer: ArrayBufferLike;
  grow(pages: number): number;
}

interface Engine {
  readonly Module: (new (
    bytes: Uint8Array<ArrayBuffer>,
  ) => CompiledModule) & {
    imports(
      module: CompiledModule,
    ): readonly { readonly module: string; readonly name: string; readonly kind: string }[];
  };
  readonly Instance: new (
    module: CompiledModule,
    imports: WasmImports,
  ) => { readonly exports: Readonly<Record<string, unknown>> };
  readonly Memory: new (limits: { initial: number; maximum: number; shared: boolean }) => WasmMemory;
}

/** What a module is given, by the names under which it asks. */
export type WasmImports = Record<string, Record<string, unknown>>;

/** The engine's. */
export const { WebAssembly: engine } = globalThis as unknown as { readonly WebAssembly: Engine };
