/**
 * The errors of this library by name: both sides of a connection have the classes, so that these need no leave and nothing is imported.
 *
 * Ordering  A name is stable, as a code is. One that this version does not know is of a later one, and its errors become the class that
 *           all have in common, with their code and all that they know.
 * @module
 */
import * as adviceError from '../errors/advice-error.ts';
import * as connectionErrors from '../errors/connection-errors.ts';
import * as encodeError from '../errors/encode-error.ts';
import * as executorErrors from '../errors/executor-errors.ts';
import * as managerErrors from '../errors/manager-errors.ts';
import { ManyhandsError } from '../errors/manyhands-error.ts';
import * as queueErrors from '../errors/queue-errors.ts';
import * as syncErrors from '../errors/sync-errors.ts';
import type { PacketNode } from '../closures/packet.ts';

const PREFIX = 'manyhands.';
const NAME = /^manyhands\.[A-Z][A-Za-z]{1,40}$/;

const classes = new Map<string, Function>();
const modules = [
  adviceError,
  connectionErrors,
  encodeError,
  executorErrors,
  managerErrors,
  queueErrors,
  syncErrors,
  { ManyhandsError },
];
for (const module of modules) {
  for (const [name, Class] of Object.entries<Function>(module)) classes.set(PREFIX + name, Class);
}

/** What stands for each class in a packet. */
export const errorNodes = (): Iterable<[Function, PacketNode]> =>
  [...classes].map(([name, Class]) => [Class, ['global', [name]]]);

/** The class of that name, where it is the name of one. */
export const ownErrorClass = (name: string): Function | undefined =>
  classes.get(name) ?? (NAME.test(name) ? ManyhandsError : undefined);
