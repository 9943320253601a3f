/**
 * The form in which a value travels: a table of nodes that refer to each other by number.
 *
 * How it works  Each value that structured clone cannot carry whole is one node; whatever it can carry is a `raw` node with
 *               the value itself. Nodes name others by their index, so shared and cyclic parts stay so. The code of functions
 *               that travel by value is not in the packet: a unit names it by the number that the `CodeBook` gave it.
 * Invariants    1. A packet holds data only: structured clone carries it, and `v8.serialize` when it was packed for a process.
 *               2. `nodes[root]` is the value. 3. A key that is a number is the index of a node that holds a symbol.
 * @module
 */

import type { SegmentRef } from '../memory/segment.ts';

/** The index of a node. */
export type Ref = number;

/** A property name, or the node of a symbol. */
export type Key = string | Ref;

/** One step from a module's exports, or a class, to something inside. */
export type Step = string | { readonly symbol: string } | { readonly get: string } | { readonly set: string };

/** Own properties. */
export type Fields = readonly (readonly [key: Key, value: Ref])[];

/** A property that was put on a prototype by hand; `-1` stands for nothing. */
export interface PrototypeMember {
  readonly key: Key;
  readonly enumerable: boolean;
  readonly value: Ref;
  readonly get: Ref;
  readonly set: Ref;
}

/** What was done to a function's `prototype` by hand. */
export interface PrototypeChanges {
  readonly members: readonly PrototypeMember[];
  /** What the prototype inherits from, or -1; `viaClass`: from that function's `prototype`. */
  readonly parent: Ref;
  readonly viaClass: boolean;
}

/** What the empty object of an instance is made from. */
export type Shell =
  | { readonly kind: 'object' | 'array' | 'error' }
  | { readonly kind: 'map'; readonly entries: readonly (readonly [Ref, Ref])[] }
  | { readonly kind: 'set'; readonly items: readonly Ref[] }
  | { readonly kind: 'raw'; readonly value: unknown };

/** A value, or how to come by it. */
export type PacketNode =
  /** Structured clone carries it whole. */
  | readonly ['raw', value: unknown]
  /** Things that every thread has. */
  | readonly ['symbol', key: string]
  | readonly ['global', path: readonly Step[]]
  | readonly ['builtin', module: string, path: readonly Step[]]
  | readonly ['namespace', url: string]
  /** CommonJS: `require`, `module`, and a module's exports. */
  | readonly ['require', url: string]
  | readonly ['module', file: string, exports: Ref]
  | readonly ['exports', file: string]
  /** Named by hand. */
  | readonly ['task', url: string, name: string]
  /** What an import statement in the file at `url` gives. */
  | readonly ['import', url: string, specifier: string, name: string, type: string | undefined]
  /** Something in a module: reached from its exports, or from the module scope of one of them. */
  | readonly ['reference', token: string, url: string, esm: boolean, from: 'exports' | 'scope', path: readonly Step[]]
  /** By value. `base` is the class that a class extends (-1: none that was sent); undefined for what is no class or constructor. */
  | readonly [
      'function',
      token: string,
      unit: number,
      index: number,
      base: Ref | undefined,
      props: Fields,
      prototype: PrototypeChanges | undefined,
    ]
  /** A method of something that travels by value. */
  | readonly ['member', token: string, owner: Ref, path: readonly Step[]]
  /** What a call gives: a class that says which call made it. */
  | readonly ['call', token: string, fn: Ref, args: readonly Ref[]]
  | readonly ['bound', target: Ref, boundThis: Ref, args: readonly Ref[]]
  /** `util.promisify(target)`. */
  | readonly ['promisified', target: Ref]
  /** Data that holds something which structured clone cannot carry. */
  | readonly ['array', length: number, fields: Fields]
  | readonly ['object', nullPrototype: boolean, fields: Fields]
  | readonly ['instance', cls: Ref, shell: Shell, fields: Fields]
  /** An object whose class says itself how it travels. */
  | readonly ['own', cls: Ref, data: Ref]
  | readonly ['buffer', bytes: Uint8Array]
  /** An object of the shared heap: its place in the packet's list. */
  | readonly ['heap', place: number]
  /** Memory that processes share, or a view of it: of that class, from that byte on, so many items. */
  | readonly ['memory', segment: SegmentRef, view: string, at: number, length: number]
  /** `URL`, `URLSearchParams`, or a class of `Temporal`, from its text. */
  | readonly ['made', kind: string, text: string]
  | readonly ['dom-exception', message: string, name: string, stack: unknown, fields: Fields];

/** The text of one script; goes to a worker once. */
export interface CodeUnit {
  /** Where it was written, for relative imports and stack traces; empty when nowhere. */
  readonly url: string;
  readonly source: string;
}

/** A code unit with the captured variables of this packet. */
export interface UnitUse {
  /** The unit's number in the sender's `CodeBook`. */
  readonly code: number;
  /** Whether the text stood in an ES module. */
  readonly esm: boolean;
  /** The enclosing scope of each scope; -1 for the outermost. */
  readonly parents: readonly number[];
  /** The captured variables of each scope, in the order in which the text declares them. */
  readonly envs: readonly (readonly (readonly [name: string, value: Ref])[])[];
  /** The scope of each function. */
  readonly scopeOf: readonly number[];
}

/** A value on its way. */
export interface Packet {
  readonly root: Ref;
  readonly nodes: readonly PacketNode[];
  readonly units: readonly UnitUse[];
  /** Objects of the shared heap, each once; last of all properties (`workers/heap-cargo.ts` says why). */
  readonly heap?: readonly object[];
}

/** What `pack` gives. */
export interface Packed {
  readonly packet: Packet;
  /** Whether the same packet may stand for the same function object from now on. */
  readonly stable: boolean;
}
