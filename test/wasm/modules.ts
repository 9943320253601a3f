/**
 * WebAssembly modules for tests, byte by byte.
 * @module
 */

const HEADER = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
const text = (word: string): number[] => [word.length, ...Buffer.from(word)];
const section = (id: number, ...content: number[]): number[] => [id, content.length, ...content];
const code = (...body: number[]): number[] => section(10, 1, body.length + 1, 0, ...body);
const module = (...sections: number[][]): Uint8Array => new Uint8Array([...HEADER, ...sections.flat()]);
const oneFunction = section(3, 1, 0);
const exported = (name: string, index = 0): number[] => section(7, 1, ...text(name), 0, index);

/** `next()`: how often it has been called on this instance. */
export const counter = module(
  section(1, 1, 0x60, 0, 1, 0x7f),
  oneFunction,
  section(6, 1, 0x7f, 1, 0x41, 0, 0x0b),
  exported('next'),
  code(0x23, 0, 0x41, 1, 0x6a, 0x24, 0, 0x23, 0, 0x0b),
);

/** `bump(at)`: adds one to a word of the shared memory `env.memory`, atomically; gives what was there. */
export const bumper = module(
  section(1, 1, 0x60, 1, 0x7f, 1, 0x7f),
  section(2, 1, ...text('env'), ...text('memory'), 2, 3, 1, 2),
  oneFunction,
  exported('bump'),
  code(0x20, 0, 0x41, 1, 0xfe, 0x1e, 2, 0, 0x0b),
);

/** `run(n)`: what `env.scale(n)` gives, which the module imports. */
export const scaler = module(
  section(1, 1, 0x60, 1, 0x7f, 1, 0x7f),
  section(2, 1, ...text('env'), ...text('scale'), 0, 0),
  oneFunction,
  exported('run', 1),
  code(0x20, 0, 0x10, 0, 0x0b),
);

/** Imports a function, a table, a global and a memory that is not shared, in that order. */
export const imports = module(
  section(1, 1, 0x60, 0, 0),
  section(
    2,
    4,
    ...text('a'),
    ...text('f'),
    0,
    0,
    ...text('a'),
    ...text('t'),
    1,
    0x70,
    1,
    1,
    2,
    ...text('a'),
    ...text('g'),
    3,
    0x7f,
    0,
    ...text('b'),
    ...text('m'),
    2,
    1,
    0x80,
    1,
    0x80,
    2,
  ),
);
