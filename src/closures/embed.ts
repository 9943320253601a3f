/**
 * One packet inside another: the same nodes under other numbers.
 *
 * A class that travels by value would otherwise be looked into for each of its instances that is sent.
 * @module
 */
import type { Fields, Key, PacketNode, Ref, Shell, UnitUse } from './packet.ts';

/** By how much the numbers of nodes and units move. */
export interface Shift {
  readonly nodes: number;
  readonly units: number;
  readonly heap: number;
}

/** A node under its new numbers. */
export function shiftNode(node: PacketNode, shift: Shift): PacketNode {
  const ref = (each: Ref): Ref => (each < 0 ? each : each + shift.nodes);
  const key = (each: Key): Key => (typeof each === 'number' ? ref(each) : each);
  const fields = (all: Fields): Fields => all.map(([name, value]) => [key(name), ref(value)]);
  switch (node[0]) {
    case 'module':
      return ['module', node[1], ref(node[2])];
    case 'function': {
      const [kind, token, unit, index, base, props, changes] = node;
      const shifted = changes && {
        ...changes,
        parent: ref(changes.parent),
        members: changes.members.map((each) => ({
          ...each,
          key: key(each.key),
          value: ref(each.value),
          get: ref(each.get),
          set: ref(each.set),
        })),
      };
      return [
        kind,
        token,
        unit + shift.units,
        index,
        base === undefined ? undefined : ref(base),
        fields(props),
        shifted,
      ];
    }
    case 'member':
      return ['member', node[1], ref(node[2]), node[3]];
    case 'call':
      return ['call', node[1], ref(node[2]), node[3].map(ref)];
    case 'bound':
      return ['bound', ref(node[1]), ref(node[2]), node[3].map(ref)];
    case 'promisified':
      return ['promisified', ref(node[1])];
    case 'array':
      return ['array', node[1], fields(node[2])];
    case 'object':
      return ['object', node[1], fields(node[2])];
    case 'instance':
      return ['instance', ref(node[1]), shiftShell(node[2], ref), fields(node[3])];
    case 'own':
      return ['own', ref(node[1]), ref(node[2])];
    case 'heap':
      return ['heap', node[1] + shift.heap];
    case 'dom-exception':
      return ['dom-exception', node[1], node[2], node[3], fields(node[4])];
    default:
      return node; // names no other
  }
}

function shiftShell(shell: Shell, ref: (each: Ref) => Ref): Shell {
  if (shell.kind === 'map')
    return { kind: 'map', entries: shell.entries.map(([key, value]) => [ref(key), ref(value)]) };
  if (shell.kind === 'set') return { kind: 'set', items: shell.items.map(ref) };
  return shell;
}

/** A unit's captured variables under their new numbers. */
export const shiftUnit = (use: UnitUse, { nodes }: Pick<Shift, 'nodes'>): UnitUse => ({
  ...use,
  envs: use.envs.map((vars) => vars.map(([name, value]) => [name, value + nodes])),
});
