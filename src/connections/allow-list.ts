/**
 * What a peer may name: functions by their `task()` names, and modules whose exports it may refer to.
 *
 * How it works  URLs are compared in their normal form, so that `..` and its spellings lead nowhere else. An entry that ends with `/` allows what
 *               lies below it, without query or hash (each query would be another instance of the module, kept for ever); any other
 *               allows exactly itself. Of a module only what it exports can be reached, through properties of its own: not `constructor`,
 *               which every function has, and not the variables that it keeps to itself.
 * Ordering      The list is asked before anything is imported.
 * @module
 */
import { isAbsolute } from 'node:path';
import { pathToFileURL } from 'node:url';
import { EncodeError } from '../errors/encode-error.ts';
import { InvalidOptionError } from '../errors/executor-errors.ts';
import { loadModule } from '../closures/namespaces.ts';

/** What a peer may name in a message. Nothing by default. */
export interface Allow {
  /** Names of `task()` functions. They have to be registered here; nothing is imported for them. */
  readonly tasks?: Iterable<string> | undefined;
  /**
   * URLs of modules whose exported functions and classes may be referred to, and imported for it. One that ends with `/` allows
   * all modules below.
   */
  readonly modules?: Iterable<string | URL> | undefined;
}

/** A reference as it came. */
export interface Reference {
  readonly url: string;
  readonly esm: boolean;
  readonly path: readonly string[];
}

const TASKS = Symbol.for('manyhands.tasks');

/** An allow list, checked. */
export class AllowList {
  readonly #tasks: ReadonlySet<string>;
  readonly #exact = new Set<string>();
  readonly #below: string[] = [];

  /** @throws InvalidOptionError `ERR_INVALID_OPTION` */
  constructor({ tasks = [], modules = [] }: Allow = {}) {
    if (typeof tasks === 'string' || typeof modules === 'string') {
      throw new InvalidOptionError('allow.tasks and allow.modules are lists, each in brackets.');
    }
    this.#tasks = new Set(tasks);
    for (const module of modules) {
      const url = normal(String(module));
      if (url === undefined) {
        throw new InvalidOptionError(
          `allow.modules takes URLs such as new URL('./jobs.js', import.meta.url); '${String(module)}' is none.`,
        );
      }
      if (url.endsWith('/')) this.#below.push(url);
      else this.#exact.add(url);
    }
  }

  /** @throws EncodeError `ERR_NOT_ALLOWED`, `ERR_TASK` */
  task(name: string): Function {
    if (!this.#tasks.has(name)) throw refused(`the task '${short(name)}'`, 'allow.tasks');
    const found = (globalThis as { [TASKS]?: Map<string, Function> })[TASKS]?.get(name);
    if (found !== undefined) return found;
    const message = `task '${name}' is allowed but not registered here; import the module that calls task('${name}', …).`;
    throw new EncodeError(message, { code: 'ERR_TASK' });
  }

  /** @throws EncodeError `ERR_NOT_ALLOWED`; nothing has been imported then */
  check(reference: Reference): void {
    this.#urlOf(reference);
  }

  /**
   * The function or class, in a box, since it might be taken for a promise; rejects with EncodeError `ERR_NOT_ALLOWED`, `ERR_NOT_FOUND`.
   */
  async load(reference: Reference): Promise<{ readonly found: Function }> {
    const { esm, path } = reference;
    const url = this.#urlOf(reference);
    let found: unknown = await loadModule(url, esm).catch((cause: unknown) => {
      throw new EncodeError(`${url} could not be imported.`, { code: 'ERR_NOT_FOUND', cause });
    });
    for (const step of path) {
      const property = isObject(found) ? Object.getOwnPropertyDescriptor(found, step) : undefined;
      found = property !== undefined && 'value' in property ? property.value : undefined;
    }
    if (typeof found === 'function') return { found };
    throw new EncodeError(`${url} exports no function or class ${short(path.join('.'))}.`, { code: 'ERR_NOT_FOUND' });
  }

  #urlOf({ url, path }: Reference): string {
    const known = normal(url);
    const below = known !== undefined && !/[?#]/.test(known) && this.#below.some((prefix) => known.startsWith(prefix));
    if (known === undefined || !(below || this.#exact.has(known))) {
      throw refused(`'${short(path.join('.'))}' of ${short(url)}`, 'allow.modules');
    }
    return known;
  }
}

const isObject = (value: unknown): value is object =>
  typeof value === 'function' || (typeof value === 'object' && value !== null);

/** The one spelling of a URL; a CommonJS module is named by its file. */
function normal(url: string): string | undefined {
  try {
    return isAbsolute(url) ? pathToFileURL(url).href : new URL(url).href;
  } catch {
    return undefined;
  }
}

const short = (text: string): string => (text.length > 100 ? `${text.slice(0, 100)}…` : text);

const refused = (what: string, option: string): EncodeError =>
  new EncodeError(
    `a message names ${what}, which this side does not allow; nothing was imported. If the other side may use it, list it in \`${option}\`.`,
    { code: 'ERR_NOT_ALLOWED' },
  );
