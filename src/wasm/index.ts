/**
 * WebAssembly in tasks.
 * @module
 */
export type { CompiledModule, WasmImports, WasmMemory } from './engine.ts';
export { Wasm, wasm, type WasmOptions } from './wasm.ts';
