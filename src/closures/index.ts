/** TEMPORARY stand-in, replaced by the real one. @module */
export interface CodeUnit { readonly url: string; readonly source: string }
export interface Packet { root: number; nodes: unknown[]; units: { code: number; envs: unknown[][] }[] }
export interface Packed { readonly packet: Packet; readonly stable: boolean }
export interface PackOptions { readonly destination: 'thread' | 'process'; readonly book: CodeBook; readonly root?: string }
export class CodeBook { constructor(_on?: (id: number, unit: CodeUnit) => void) {} entries(): Iterable<[number, CodeUnit]> { return []; } }
export function pack(value: unknown, _o: PackOptions): Packed | Promise<Packed> {
  if (typeof value === 'function') return { stable: true, packet: { root: 0, nodes: [['src', value.toString()]], units: [] } };
  return { stable: true, packet: { root: 0, nodes: [['raw', value]], units: [] } };
}
export async function unpack(p: Packet, _c: unknown): Promise<unknown> { const n = p.nodes[0] as [string, unknown]; return n[0] === 'raw' ? n[1] : (0, eval)(`(${n[1]})`); }
export const task = (_n: string, fn: unknown) => fn;
export const packSymbol: unique symbol = Symbol.for('manyhands.pack') as never; export const unpackSymbol: unique symbol = Symbol.for('manyhands.unpack') as never;
export const setMainModule = (_u: string): void => {}; export const mainModule = (): string => ''; export const assertMayStartWorkers = (): void => {};
