/**
 * The command line: what may be written, and what was.
 *
 * How it works  What follows `:::` is taken off before anything else looks, so that an input may begin with a dash. The rest is
 *               commander's; it throws where it would have ended the process.
 * @module
 */
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import type { PoolKind } from '../index.ts';
import { UsageError } from './usage-error.ts';

/** What `manyhands map` was asked to do. */
export interface MapRequest {
  readonly module: string;
  readonly kind: PoolKind;
  /** Workers; undefined for as many as there are cores. */
  readonly jobs: number | undefined;
  /** Undefined: one, or what is found best. */
  readonly tasksPerWorker: number | undefined;
  /** Of kind `'hybrid'`. */
  readonly threadsPerProcess: number | undefined;
  /** Milliseconds. */
  readonly timeout: number | undefined;
  readonly argFile: string | undefined;
  readonly listed: readonly string[] | undefined;
  readonly json: boolean;
  readonly withInput: boolean;
  readonly progress: boolean;
  readonly insights: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
}

/** What `manyhands advise` was asked to do. */
export interface AdviseRequest {
  readonly module: string;
  /** Milliseconds. */
  readonly budget: number;
  /** Calls at most. */
  readonly limit: number;
  /** Workers at most. */
  readonly jobs: number;
  readonly argFile: string | undefined;
  readonly listed: readonly string[] | undefined;
  readonly json: boolean;
  readonly format: 'text' | 'json';
  /** File for a page with charts. */
  readonly html: string | undefined;
  /** Say what would be done, and do none of it. */
  readonly dry: boolean;
}

/** What was asked for: work, or a text to be shown. */
export type Request =
  | { readonly type: 'map'; readonly map: MapRequest }
  | { readonly type: 'advise'; readonly advise: AdviseRequest }
  | { readonly type: 'text'; readonly text: string; readonly exitCode: number };

/** Stands before the inputs. */
const SEPARATOR = ':::';

/** Reads the arguments that follow the command's name. */
export function parseCommandLine(args: readonly string[], version: string): Request {
  const at = args.indexOf(SEPARATOR);
  const options = at < 0 ? args : args.slice(0, at);
  const listed = at < 0 ? undefined : args.slice(at + 1);
  if (listed?.includes(SEPARATOR) === true) {
    throw new UsageError(`${SEPARATOR} stands twice. All inputs follow the first one.`);
  }
  let text = '';
  let request: Request | undefined;
  const write = (more: string): void => {
    text += more;
  };
  const program = new Command('manyhands')
    .description('One function over many inputs, on every core.')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .exitOverride()
    .configureOutput({ writeOut: write, writeErr: () => {}, getOutHelpWidth: helpWidth });
  defineMap(program, (module, values) => {
    request = { type: 'map', map: toMap(module, values, listed) };
  });
  defineAdvise(program, (module, values) => {
    request = { type: 'advise', advise: toAdvise(module, values, listed) };
  });
  if (options.length === 0 && listed === undefined) {
    return { type: 'text', text: program.helpInformation(), exitCode: 2 };
  }
  try {
    program.parse(options, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return { type: 'text', text, exitCode: 0 };
    if (error.code === 'commander.help') throw noCommand(options);
    const named = program.commands.find((command) => command.name() === options[0]);
    const command = named === undefined ? 'manyhands' : `manyhands ${named.name()}`;
    throw new UsageError(sentence(error), { hint: `Try "${command} --help".` });
  }
  return request ?? fail(noCommand(options));
}

function noCommand([first, second]: readonly string[]): UsageError {
  const what = first === 'help' && second !== undefined ? `unknown command '${second}'` : 'no command is given.';
  return new UsageError(what, { hint: 'Try "manyhands --help".' });
}

interface MapValues {
  readonly threads?: true;
  readonly processes?: true;
  readonly auto?: true;
  readonly jobs?: number;
  readonly argFile?: string;
  readonly tasksPerWorker?: number;
  readonly threadsPerProcess?: number;
  readonly timeout?: number;
  readonly json?: true;
  readonly resultsWithInput?: true;
  readonly progress: boolean;
  readonly insights?: true;
  readonly quiet?: true;
  readonly verbose?: true;
}

function defineMap(program: Command, act: (module: string, values: MapValues) => void): void {
  program
    .command('map')
    .description(
      'Call an exported function once for each input, and print the results as JSON lines, in the order of the inputs.',
    )
    .usage('<module>[#export] [options] [::: inputs...]')
    .argument('<module>', MODULE)
    .addOption(new Option('-t, --threads', 'run on threads (this is the default)').conflicts(['processes', 'auto']))
    .addOption(
      new Option('--auto', 'threads: as many, with as many inputs each, as turn out best').conflicts('processes'),
    )
    .addOption(new Option('-p, --processes', 'run on processes: one may crash or leak and the others go on'))
    .option('-j, --jobs <N>', 'threads or processes; by default as many as there are cores', positiveInteger)
    .option('-a, --arg-file <FILE>', 'read the inputs from FILE, one a line; - is standard input')
    .option(
      '--tasks-per-worker <N>',
      'inputs that an async function may work on at once in each worker',
      positiveInteger,
    )
    .addOption(
      new Option(
        '--threads-per-process <N>',
        'with --processes: that many threads in each; -j is then the threads in all',
      )
        .argParser(positiveInteger)
        .conflicts(['threads', 'auto']),
    )
    .option('--timeout <MS>', 'milliseconds that one input may take, from when it is begun', positiveNumber)
    .option('--json', 'each input is JSON, and the function gets its value; blank lines are left out')
    .option('--results-with-input', 'print {"input":...,"result":...} or {"input":...,"error":{...}} for each input')
    .option('--no-progress', 'draw no bar')
    .option('--insights', 'tell at the end, on standard error, where the time has gone and what might be done better')
    .option('-q, --quiet', 'print nothing on standard error: no bar, no failures; the exit code tells')
    .option('-v, --verbose', 'report failures with their code and the first line of their stack')
    .addHelpText('after', MORE_HELP)
    .helpOption('-h, --help', 'print this help')
    .action((module: string, values: MapValues) => act(module, values));
}

const MORE_HELP = `
Inputs follow :::, or come from a file (-a), or from standard input, one a line. They are
read as they are needed, so there may be any number of them.

The function gets one input, a string unless --json is given, and may be async. Without
#export it is the default export, else the one called "map", else the only function.

Results go to standard output, one a line; undefined is null. An input that fails has no
line there (but see --results-with-input), does not stop the others, and is reported on
standard error at the end. What the function itself prints goes to standard error.

Ctrl-C finishes what is running and ends; a second Ctrl-C ends at once.

Exit code: the number of inputs that failed, 101 for 101 or more; 2 also when the command
cannot be carried out (nothing is run then); 130 after Ctrl-C; 141 when the reader of the
results has gone.

Examples:
  manyhands map ./thumb.ts#resize ::: *.jpg
  find . -name '*.log' | manyhands map ./parse.ts --processes -j 8 > parsed.jsonl
  manyhands map node:path#basename -a files.txt
`;

interface AdviseValues {
  readonly budget: number;
  readonly limit: number;
  readonly jobs: number;
  readonly argFile?: string;
  readonly json?: true;
  readonly format: 'text' | 'json';
  readonly html?: string;
  readonly dry?: true;
}

function defineAdvise(program: Command, act: (module: string, values: AdviseValues) => void): void {
  program
    .command('advise')
    .description('Measure an exported function on some of its inputs, and say how it had better be run.')
    .usage('<module>[#export] [options] [::: inputs...]')
    .argument('<module>', MODULE)
    .option('-a, --arg-file <FILE>', 'read the inputs from FILE, one a line; - is standard input')
    .option('--json', 'each input is JSON, and the function gets its value; blank lines are left out')
    .option('--budget <MS>', 'milliseconds that the trial may take', positiveNumber, 3000)
    .option('--limit <N>', 'calls that it may make', positiveInteger, 100_000)
    .option('-j, --jobs <N>', 'workers that it may try at once', positiveInteger, 64)
    .addOption(new Option('--format <FORMAT>', 'what to print').choices(['text', 'json']).default('text'))
    .option('--html <FILE>', 'write a page with charts as well')
    .option('--dry', 'say what would be called and how often, and call nothing')
    .addHelpText('after', MORE_ADVISE_HELP)
    .helpOption('-h, --help', 'print this help')
    .action((module: string, values: AdviseValues) => act(module, values));
}

const MODULE = 'a file (.ts, .mts, .cts, .js, .mjs, .cjs), a package, or a node: module; #export names the function';

const MORE_ADVISE_HELP = `
The function is really called, on threads and processes, and what it does besides returning
is really done: --dry says how often, --limit bounds it. The first 10,000 inputs are used,
again and again when there are fewer than calls.

The answer goes to standard output; what the function itself prints goes to standard error.

Exit code: 0; 1 when there is no advice, as when every call fails; 2 when the command cannot
be carried out; 130 after Ctrl-C.

Examples:
  manyhands advise ./thumb.ts#resize ::: *.jpg
  manyhands advise ./fetch.ts -a urls.txt --limit 500 --budget 10000
`;

function toAdvise(module: string, values: AdviseValues, listed: readonly string[] | undefined): AdviseRequest {
  const { argFile, budget, limit, jobs, format, html } = values;
  onceOnly(listed, argFile);
  return {
    module,
    budget,
    limit,
    jobs,
    argFile,
    listed,
    json: values.json === true,
    format,
    html,
    dry: values.dry === true,
  };
}

function onceOnly(listed: readonly string[] | undefined, argFile: string | undefined): void {
  if (listed === undefined || argFile === undefined) return;
  throw new UsageError(`inputs are given twice: with ${SEPARATOR} and with -a ${argFile}`, {
    hint: 'Give one of them.',
  });
}

function fail(error: Error): never {
  throw error;
}

function toMap(module: string, values: MapValues, listed: readonly string[] | undefined): MapRequest {
  const { argFile, jobs, timeout, threadsPerProcess } = values;
  onceOnly(listed, argFile);
  if (threadsPerProcess !== undefined && values.processes !== true) {
    throw new UsageError('--threads-per-process is for processes', { hint: 'Give --processes as well.' });
  }
  const processes = threadsPerProcess === undefined ? 'process' : 'hybrid';
  return {
    module,
    kind: values.processes === true ? processes : values.auto === true ? 'auto' : 'thread',
    jobs,
    threadsPerProcess,
    tasksPerWorker: values.tasksPerWorker,
    timeout,
    argFile,
    listed,
    json: values.json === true,
    withInput: values.resultsWithInput === true,
    progress: values.progress,
    insights: values.insights === true,
    quiet: values.quiet === true,
    verbose: values.verbose === true,
  };
}

function positiveInteger(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= 1) return value;
  throw new InvalidArgumentError('It must be a whole number of at least 1.');
}

/** Longest time that a timer of Node can take. */
const LONGEST_TIMEOUT = 2 ** 31 - 1;

function positiveNumber(text: string): number {
  const value = Number(text);
  if (/^\d+(?:\.\d+)?$/.test(text) && value > 0 && value <= LONGEST_TIMEOUT) return value;
  throw new InvalidArgumentError(`It must be a number of milliseconds above 0 and not above ${LONGEST_TIMEOUT}.`);
}

const helpWidth = (): number => Math.min(process.stdout.columns ?? 90, 100);

/** Commander's message without its prefix, on one line. */
const sentence = (error: CommanderError): string =>
  error.message
    .replace(/^error: /, '')
    .replace(/\n\((.*)\)$/, ' ($1)')
    .replace(/\s*\n\s*/g, ' ')
    .replace(/,? '-t, --threads'(?= cannot)/, " '--threads'")
    .trim();
