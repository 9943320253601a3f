/**
 * What the parts of a packing see of it: the contract between `packer.ts` and the files for functions, classes and prototypes.
 * @module
 */
import type { Fields, PacketNode, Ref } from './packet.ts';
import type { UnitBuilder } from './unit-builder.ts';

/** Where a packet goes. */
export type Destination = 'thread' | 'process';

/** One packing. */
export interface PackContext {
  readonly destination: Destination;
  /** False once something was met that may change; whoever meets it sets it. */
  stable: boolean;
  /** Whether a function or class, by itself, is packed once and for all. */
  isStable(fn: Function): boolean;

  /** The node of a value. @throws EncodeError */
  add(value: unknown): Ref;
  /** The node of the class of an instance: as `add`, but what was packed before is used again. */
  addClass(Class: Function): Ref;
  /** The node that a value has already, if any. */
  refOf(value: unknown): Ref | undefined;
  /** Adds a node of its own. */
  push(node: PacketNode): Ref;
  replace(ref: Ref, node: PacketNode): void;
  /** Own properties of an object, read now. */
  fields(object: object, skip?: (key: PropertyKey) => boolean): Fields;
  /** The unit for functions of one script. */
  unitFor(url: string, esm: boolean, strict: boolean): UnitBuilder;

  /** Goes one step into the value, for the path of an error. */
  at<T>(step: string, visit: () => T): T;
  /** @throws EncodeError always, with the present path */
  fail(code: string, message: string, cause?: unknown): never;
  /** Something that only threads of one process can share. @throws EncodeError `ERR_NOT_SHAREABLE` */
  notShareable(what: string): never;

  /** Lets a node wait for a module's answer; `otherwise` makes it when there is none. */
  confirm(ref: Ref, answer: Promise<PacketNode | undefined>, otherwise: () => PacketNode): void;
  /** Runs something when the packet is complete. */
  onSuccess(run: () => void): void;
}
