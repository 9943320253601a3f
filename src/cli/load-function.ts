/**
 * The function that a reference names: loads the module and picks the export, or says what is there instead.
 * @module
 */
import { directoryError, type ModuleReference } from './module-reference.ts';
import { firstStackLine } from './report.ts';
import { UsageError } from './usage-error.ts';

/** A function of one input. */
export type InputFunction = (input: unknown) => unknown;

/** Exports that are listed in a message. */
const MOST_LISTED = 20;

/** Loads the module and picks the export. */
export async function loadFunction(reference: ModuleReference): Promise<InputFunction> {
  const { name, exportName } = reference;
  const found = functionsOf(await load(reference));
  if (exportName === undefined) return theObvious(name, found);
  const value = found.all.get(exportName);
  if (typeof value === 'function') return value as InputFunction;
  const hint = listed(found.functions);
  if (!found.all.has(exportName)) throw new UsageError(`${name} has no export "${exportName}".`, { hint });
  throw new UsageError(`"${exportName}" of ${name} is no function but ${inWords(value)}.`, { hint });
}

interface Exports {
  readonly all: ReadonlyMap<string, unknown>;
  readonly functions: readonly string[];
}

/** A module's exports by name, with those that a CommonJS module has and Node has not seen. */
function functionsOf(namespace: Readonly<Record<string, unknown>>): Exports {
  const all = new Map<string, unknown>();
  const main = namespace['default'];
  // "module.exports" is how Node hands on the whole of a CommonJS module, which is also its default
  if (isPlainObject(main)) for (const [key, value] of Object.entries(main)) all.set(key, value);
  for (const [key, value] of Object.entries(namespace)) if (key !== 'module.exports') all.set(key, value);
  const functions = [...all].filter(([, value]) => typeof value === 'function').map(([key]) => key);
  return { all, functions };
}

/** Without a name: the default export, `map`, or the only function. */
function theObvious(name: string, { all, functions }: Exports): InputFunction {
  const only = functions.length === 1 ? functions : [];
  for (const key of ['default', 'map', ...only]) {
    const value = all.get(key);
    if (typeof value === 'function') return value as InputFunction;
  }
  if (functions.length === 0) throw new UsageError(`${name} exports no function.`);
  throw new UsageError(`${name} has no default export, so say which function, as in ${name}#${functions[0]}.`, {
    hint: listed(functions),
  });
}

async function load(reference: ModuleReference): Promise<Readonly<Record<string, unknown>>> {
  const { name } = reference;
  // A top-level await that nothing will settle lets the process end in silence
  const stuck = Promise.withResolvers<never>();
  const onStuck = (): void => {
    stuck.reject(new UsageError(`${name} never finished loading: a top-level await in it is not settled by anything.`));
  };
  process.once('beforeExit', onStuck);
  try {
    return await Promise.race([reference.load(), stuck.promise]);
  } catch (error) {
    throw error instanceof UsageError ? error : explain(reference, error);
  } finally {
    process.off('beforeExit', onStuck);
  }
}

function explain({ name, file, isDirectory }: ModuleReference, error: unknown): UsageError {
  const { code, message = String(error), name: kind = 'thrown' } = (error ?? {}) as Partial<NodeJS.ErrnoException>;
  const cause = { cause: error };
  switch (code) {
    case 'ERR_MODULE_NOT_FOUND':
    case 'MODULE_NOT_FOUND':
      if (file !== undefined) break;
      if (isDirectory) return directoryError(name);
      return new UsageError(`There is no file and no package ${name}.`, cause);
    case 'ERR_UNKNOWN_BUILTIN_MODULE':
    case 'ERR_PACKAGE_PATH_NOT_EXPORTED':
      return new UsageError(`${name} cannot be loaded: ${message}`, cause);
    case 'ERR_UNKNOWN_FILE_EXTENSION':
      return new UsageError(
        `${name} is no module: its name should end with .js, .mjs, .cjs, .ts, .mts or .cts.`,
        cause,
      );
    case 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX':
      return new UsageError(
        `${name}: ${message}. Node runs TypeScript by leaving the types out; write this as JavaScript has it.`,
        {
          ...cause,
          ...locationHint(error),
        },
      );
    case 'ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING':
      return new UsageError(
        `${name} is TypeScript inside node_modules, which Node does not run; name a built file.`,
        cause,
      );
  }
  if (error instanceof SyntaxError) {
    return new UsageError(`${name} cannot be loaded: ${kind}: ${message}`, { ...cause, ...locationHint(error) });
  }
  const at = firstStackLine(error);
  return new UsageError(`${name} failed while it was loaded: ${kind}: ${message}`, {
    ...cause,
    ...(at === undefined || at.includes('node:internal') ? {} : { hint: at }),
  });
}

/** Where in the source: Node puts it above the message, when it knows. */
function locationHint(error: unknown): { readonly hint?: string } {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  const above = /^([^\n]+:\d+)\n([\s\S]*?)\n\n/.exec(stack);
  return above === null ? {} : { hint: `${above[1]}\n${above[2]}` };
}

const listed = (functions: readonly string[]): string =>
  functions.length === 0
    ? 'It exports no function.'
    : `Functions that it exports: ${functions.slice(0, MOST_LISTED).join(', ')}${
        functions.length > MOST_LISTED ? ` and ${functions.length - MOST_LISTED} more` : ''
      }.`;

function inWords(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

const isPlainObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
