/**
 * Objects of the shared heap in a message: at its end, each once.
 *
 * How it works  A packet lists the objects of the heap that its nodes name. Before a message with such packets is posted the lists are
 *               made into one, which is the message's last property; on the other side they are made again.
 * Why           V8 numbers the objects of a message so that a repeated one is a number. It counts an object of the shared heap when it
 *               writes and not when it reads, so whatever is repeated after one is read as something else (Node 22 to 26).
 * @module
 */
import type { Packet } from '../closures/packet.ts';
import { heapAvailable } from '../memory/shared-heap.ts';

/** A message, with the objects of all its packets. */
interface Loaded {
  readonly heap?: readonly object[];
}

type Message = Readonly<Record<string, unknown>>;

/** A message as it can be posted. */
export function load<M extends object>(message: M): M {
  if (!heapAvailable) return message;
  const cargo: object[] = [];
  const stowed = eachPacket(message as Message, (packet) => {
    if (packet.heap === undefined) return packet;
    const places = packet.heap.map((each) => {
      const known = cargo.indexOf(each);
      return known < 0 ? cargo.push(each) - 1 : known;
    });
    return { ...packet, heap: places as unknown as readonly object[] };
  });
  return cargo.length === 0 ? message : ({ ...stowed, heap: cargo } as unknown as M);
}

/** A message that was posted, as it was. */
export function unload<M extends object>(message: M): M {
  const cargo = (message as Loaded).heap;
  if (!heapAvailable || cargo === undefined) return message;
  return eachPacket(message as Message, (packet) => {
    if (packet.heap === undefined) return packet;
    return { ...packet, heap: (packet.heap as unknown as readonly number[]).map((place) => cargo[place] as object) };
  }) as unknown as M;
}

/** A copy of a message, with its packets changed. */
function eachPacket(message: Message, change: (packet: Packet) => Packet): Message {
  const copy: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(message)) {
    if (key === 'heap') continue;
    const isPacket = (key === 'packet' || key === 'callee' || key === 'args') && value !== undefined;
    copy[key] = isPacket ? change(value as Packet) : value;
  }
  const { setup } = message as { readonly setup?: { readonly definitions?: readonly Message[] } };
  if (setup?.definitions !== undefined)
    copy['setup'] = { ...setup, definitions: setup.definitions.map((each) => eachPacket(each, change)) };
  return copy;
}
