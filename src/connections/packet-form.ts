/**
 * Which nodes of a packet go over a connection, and whether what came is a packet.
 *
 * How it works  On the way out, a packet (`closures/packet.ts`) that holds anything but data, named functions and instances of
 *               named classes is refused. On the way in, every node is looked at before any is used: its kind, and the type and range of each
 *               part. Nodes that name a function are then replaced by the function, so that what makes the value never loads anything.
 * Invariants    1. Source text, captured variables, memory, calls, and whatever is reached by a path from a global are on no list here.
 *               2. Nothing is imported before all nodes have passed. 3. No function is called `then`: what has such a one is taken for a promise
 *               wherever it is awaited, and the function is called.
 * Bounded       By what arrays say of their lengths, all together: one that is mostly holes takes far more memory than bytes.
 * @module
 */
import { ProtocolError } from '../errors/connection-errors.ts';
import { EncodeError } from '../errors/encode-error.ts';
import type { Packet, PacketNode } from '../closures/packet.ts';
import type { AllowList, Reference } from './allow-list.ts';
import { COST, costAllowed } from './data-tags.ts';
import { ownErrorClass } from './own-errors.ts';
import { PeerSymbols } from './peer-symbols.ts';

type Node = readonly unknown[];

const ERRORS = new Map<string, Function>(
  [Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError, AggregateError].map((each) => [
    each.name,
    each,
  ]),
);
const TEMPORAL = /^Temporal\.[A-Z][A-Za-z]{1,30}$/;
const MADE = new Set(['URL', 'URLSearchParams']);
/** Kinds of nodes that name a function or class. */
const NAMING = new Set<unknown>(['task', 'reference', 'global']);
/** Kinds of nodes whose last part is the object's own properties. */
const FILLED = new Set<unknown>(['array', 'object', 'instance', 'dom-exception']);
const MAX_STEPS = 8;
/** Registered symbols are never collected. */
const MAX_SYMBOL_LENGTH = 256;
/** Bytes of memory that a place of an array takes. */
const PLACE = 8;
/** Of those who do not say whose symbols they are. */
const anybodysSymbols = new PeerSymbols();
/** What an array means by a name. */
const INDEX = /^(?:0|[1-9]\d*)$/;

/** What a node that does not travel would have needed. */
const REFUSED: Readonly<Record<string, string>> = {
  function: 'its source text',
  member: 'the source text of its class',
  import: "an import of the main module's",
  memory: 'memory that is shared',
  heap: 'the shared heap',
};

/** The nodes as they go over a connection. @throws EncodeError `ERR_NOT_PORTABLE` */
export function portableNodes({ nodes, root }: Packet, symbols?: PeerSymbols): Node[] {
  return nodes.map((node, index) => {
    if (fieldsOf(node).some(([key, ref]) => key === 'then' && isNaming(nodes[ref as number]))) {
      throw new EncodeError(
        'this cannot go over a connection, since it has a function called `then`: whoever received it would take it for a promise.',
        { code: 'ERR_NOT_PORTABLE', path: `value${wayTo(nodes, root, index)} > .then` },
      );
    }
    if (node[0] === 'symbol') symbols?.send(node[1]);
    switch (node[0]) {
      case 'task':
        return ['task', node[2]]; // where it was written is no business of the peer's
      case 'reference':
        if (node[4] !== 'exports' || !node[5].every((step) => typeof step === 'string')) break;
        return ['reference', node[2], node[3], node[5]];
      case 'global':
        if (node[1].length !== 1 || errorClass(node[1][0]) === undefined) break;
        return ['global', node[1][0]];
      case 'raw':
      case 'symbol':
      case 'array':
      case 'object':
      case 'instance':
      case 'own':
      case 'buffer':
      case 'made':
      case 'dom-exception':
        return node;
      default:
    }
    const needs = REFUSED[node[0]] ?? 'something that only this process has';
    throw new EncodeError(
      `this cannot go over a connection, since it would take ${needs}. Data, functions named by task(), exports of modules ` +
        'other than the main one, and instances of such classes can.',
      { code: 'ERR_NOT_PORTABLE', path: `value${wayTo(nodes, root, index)}` },
    );
  });
}

/** The class of an error that every side has: a standard one, or one of this library. */
const errorClass = (name: unknown): Function | undefined =>
  typeof name === 'string' ? (ERRORS.get(name) ?? ownErrorClass(name)) : undefined;

const isNaming = (node: unknown): boolean => Array.isArray(node) && NAMING.has(node[0]);

/** The own properties of what a node makes, with their names. */
function fieldsOf(node: Node): readonly Node[] {
  const fields = FILLED.has(node[0]) ? node.at(-1) : undefined;
  return Array.isArray(fields) ? (fields as readonly Node[]) : [];
}

/** Bytes of memory that the arrays of a packet take, by what they say of their lengths. */
export const arraysCost = (nodes: readonly Node[]): number =>
  nodes.reduce((sum, node) => (node[0] === 'array' ? sum + COST.array + PLACE * (node[1] as number) : sum), 0);

/** The way from the root to a node, as text. */
function wayTo(nodes: readonly PacketNode[], root: number, wanted: number): string {
  const ways = new Map<number, string>([[root, '']]);
  for (const [index, way] of ways) {
    if (index === wanted) return way;
    const node = nodes[index] as Node;
    const fields = node.findLast((part) => Array.isArray(part));
    if (!Array.isArray(fields)) continue;
    for (const field of fields as unknown[]) {
      if (!Array.isArray(field)) continue;
      const [key, value] = field as [unknown, unknown];
      if (typeof value === 'number' && !ways.has(value)) ways.set(value, `${way} > .${String(key)}`);
    }
    if (node[0] === 'instance' && !ways.has(node[1] as number)) ways.set(node[1] as number, `${way} > its class`);
    if (node[0] === 'own' && !ways.has(node[1] as number)) ways.set(node[1] as number, `${way} > its class`);
  }
  return '';
}

/**
 * A packet from what came, with its functions in place.
 *
 * @param most longest array: the bytes of the message, by which all arrays together are bounded as well
 * @param symbols of the connection over which it came
 * @throws ProtocolError `ERR_BAD_MESSAGE` what came is no packet; EncodeError `ERR_NOT_ALLOWED`, `ERR_NOT_FOUND`, `ERR_TASK`
 */
export function packetFrom(
  form: unknown,
  allow: AllowList,
  most: number,
  symbols: PeerSymbols = anybodysSymbols,
): Packet | Promise<Packet> {
  const { root, nodes } = new Check(form, most, symbols);
  const out = nodes.map((node) => node) as unknown as PacketNode[];
  const references: [number, Reference][] = [];
  for (const [index, node] of nodes.entries()) {
    if (node[0] === 'task') out[index] = ['raw', allow.task(node[1] as string)];
    else if (node[0] === 'global') out[index] = ['raw', errorClass(node[1])];
    else if (node[0] === 'reference') {
      const reference = { url: node[1], esm: node[2], path: node[3] } as Reference;
      allow.check(reference);
      references.push([index, reference]);
    }
  }
  const packet: Packet = { root, nodes: out, units: [] };
  if (references.length === 0) return packet;
  return Promise.all(
    references.map(async ([index, reference]) => (out[index] = ['raw', (await allow.load(reference)).found])),
  ).then(() => packet);
}

class Check {
  readonly root: number;
  readonly nodes: readonly Node[];
  readonly #most: number;
  readonly #symbols: PeerSymbols;

  constructor(form: unknown, most: number, symbols: PeerSymbols) {
    this.#most = most;
    this.#symbols = symbols;
    const [root, nodes] = this.#list(form, 2);
    this.nodes = this.#list(nodes) as Node[];
    this.root = this.#ref(root);
    for (const node of this.nodes) this.#node(this.#list(node));
    this.#is(arraysCost(this.nodes) <= costAllowed(most), 'its arrays would take far more memory than it has bytes');
  }

  #fail(what: string): never {
    throw new ProtocolError(`A message cannot be read: ${what}.`);
  }

  #is(right: boolean, what: string): void {
    if (!right) this.#fail(what);
  }

  #list(value: unknown, length?: number): readonly unknown[] {
    if (!Array.isArray(value) || (length !== undefined && value.length !== length)) this.#fail('a list is missing');
    return value;
  }

  #text(value: unknown): string {
    if (typeof value !== 'string') this.#fail('a text is missing');
    return value;
  }

  #ref(value: unknown): number {
    if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value >= this.nodes.length) {
      this.#fail('a node is missing');
    }
    return value;
  }

  /** A node that names a class. */
  #cls(value: unknown): void {
    this.#is(isNaming(this.nodes[this.#ref(value)]), 'an object has no class');
  }

  #fields(value: unknown, length?: number): void {
    for (const field of this.#list(value)) {
      const [key, ref] = this.#list(field, 2);
      const named = this.nodes[this.#ref(ref)];
      if (typeof key === 'string') {
        this.#is(key !== 'then' || !isNaming(named), 'it would be taken for a promise');
        if (length === undefined) continue;
        this.#is(key !== 'length' && (!INDEX.test(key) || Number(key) < length), 'an array has an item beyond its end');
      } else {
        const node = this.nodes[this.#ref(key)];
        this.#is(Array.isArray(node) && node[0] === 'symbol', 'a key is no symbol');
      }
    }
  }

  #node(node: Node): void {
    const [kind, one, two, three, four] = node;
    switch (kind) {
      case 'raw':
        return;
      case 'symbol':
        return this.#symbol(this.#text(one));
      case 'task':
        this.#text(one);
        return;
      case 'global':
        return this.#is(errorClass(one) !== undefined, 'it names something global');
      case 'reference':
        this.#text(one);
        this.#is(typeof two === 'boolean', 'a kind of module is missing');
        this.#list(three).every((step) => this.#text(step));
        return this.#is(
          (three as unknown[]).length > 0 && (three as unknown[]).length <= MAX_STEPS,
          'a path is too long',
        );
      case 'array':
        this.#is(
          typeof one === 'number' && Number.isInteger(one) && one >= 0 && one <= this.#most,
          'an array is too long',
        );
        return this.#fields(two, one as number);
      case 'object':
        return this.#fields(two);
      case 'instance':
        this.#cls(one);
        this.#shell(two);
        return this.#fields(three);
      case 'own':
        this.#cls(one);
        this.#ref(two);
        return;
      case 'buffer':
        return this.#is(one instanceof Uint8Array, 'bytes are missing');
      case 'made':
        this.#is(MADE.has(this.#text(one)) || TEMPORAL.test(one as string), 'it names something global');
        this.#text(two);
        return;
      case 'dom-exception':
        this.#text(one);
        this.#text(two);
        this.#is(three === undefined || typeof three === 'string', 'a text is missing');
        return this.#fields(four);
      default:
        this.#fail('there is a node of a kind that connections do not carry');
    }
  }

  #symbol(name: string): void {
    this.#is(name.length <= MAX_SYMBOL_LENGTH, 'the name of a symbol is too long');
    this.#is(this.#symbols.receive(name), 'the other side has named too many symbols');
  }

  #shell(value: unknown): void {
    if (typeof value !== 'object' || value === null) return this.#fail('an object is missing');
    const shell = value as Readonly<Record<string, unknown>>;
    switch (shell['kind']) {
      case 'object':
      case 'array':
      case 'error':
        return;
      case 'raw':
        return this.#is(typeof shell['value'] === 'object' && shell['value'] !== null, 'an object is missing');
      case 'map':
        for (const entry of this.#list(shell['entries'])) for (const ref of this.#list(entry, 2)) this.#ref(ref);
        return;
      case 'set':
        for (const ref of this.#list(shell['items'])) this.#ref(ref);
        return;
      default:
        this.#fail('an object is of no kind');
    }
  }
}
