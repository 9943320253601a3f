/**
 * Any value (function, class, instance, data) to a packet and back.
 * @module
 */
export { CodeBook } from './code-book.ts';
export { assertMayStartWorkers } from './import-guard.ts';
export { mainModule, setMainModule } from './main-module.ts';
export { pack, type PackOptions } from './pack.ts';
export type { CodeUnit, Packed, Packet, PacketNode } from './packet.ts';
export { isPlain } from './plain-data.ts';
export { packSymbol, unpackSymbol } from './protocol-symbols.ts';
export { task } from './task.ts';
export { unpack } from './unpack.ts';
