/**
 * What may be named in the messages of a manager.
 *
 * Strangers may name proxies, and what the user allows. Threads and processes of this program may name what they could name in a task: every
 * function by its `task()` name, and exports of modules in files.
 * @module
 */
import { EncodeError } from '../errors/encode-error.ts';
import { type Allow, AllowList } from '../connections/allow-list.ts';

/** The `task()` name of the class of all proxies. */
export const PROXY_TASK = 'manyhands.managed';

const FILES = 'file:///';
const TASKS = Symbol.for('manyhands.tasks');

/** The list for a server, or for a client of it. @throws InvalidOptionError `ERR_INVALID_OPTION` */
export function allowFor(family: boolean, allow: Allow = {}): AllowList {
  if (family) return new FamilyList(allow);
  return new AllowList({ tasks: [...(allow.tasks ?? []), PROXY_TASK], modules: allow.modules });
}

class FamilyList extends AllowList {
  constructor({ tasks = [], modules = [] }: Allow) {
    super({ tasks: [...tasks, PROXY_TASK], modules: [...modules, FILES] });
  }

  override task(name: string): Function {
    const found = (globalThis as { [TASKS]?: Map<string, Function> })[TASKS]?.get(name);
    if (found !== undefined) return found;
    throw new EncodeError(
      `task '${name}' is not known where the manager runs, which has not imported the module that calls task('${name}', …). Name it in ` +
        '`register` of the manager, which imports it there; or call an export of a module, without task().',
      { code: 'ERR_TASK' },
    );
  }
}
