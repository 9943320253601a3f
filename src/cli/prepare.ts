/**
 * What every command does first: takes standard output for itself, opens the inputs, loads the function.
 * @module
 */
import { type Inputs, openInputs } from './inputs.ts';
import { type InputFunction, loadFunction } from './load-function.ts';
import { parseModuleReference } from './module-reference.ts';
import { Terminal } from './terminal.ts';

/** Which function, and which inputs. */
export interface Wanted {
  readonly module: string;
  readonly listed: readonly string[] | undefined;
  readonly argFile: string | undefined;
  readonly json: boolean;
}

/** Both, and where to write. */
export interface Prepared {
  readonly terminal: Terminal;
  /** The real one: what the function prints goes to standard error. */
  readonly stdout: NodeJS.WriteStream;
  readonly inputs: Inputs;
  readonly fn: InputFunction;
}

/** @throws UsageError when there is no such function or file */
export async function prepare({ module, listed, argFile, json }: Wanted): Promise<Prepared> {
  const { stdout, stderr } = process;
  const terminal = new Terminal(stderr);
  const aside = { value: terminal.aside(), configurable: true };
  Object.defineProperties(process, { stdout: aside, stderr: aside });
  const reference = parseModuleReference(module, process.cwd());
  const inputs = openInputs({ listed, file: argFile, json }, () => process.stdin);
  return { terminal, stdout, inputs, fn: await loadFunction(reference) };
}
