#!/usr/bin/env node
/**
 * Where the command `manyhands` starts.
 *
 * It ends the process itself: the user's module may have left something behind that would keep it alive.
 * @module
 */
import { readFileSync } from 'node:fs';
import { adviseCommand } from '../advise-command.ts';
import { parseCommandLine } from '../command-line.ts';
import { mapCommand } from '../map-command.ts';
import { USAGE_EXIT_CODE, UsageError } from '../usage-error.ts';

/** Version of the package that this file belongs to. */
function version(): string {
  const text = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { readonly version: string }).version;
}

async function main(args: readonly string[]): Promise<number> {
  const { stdout, stderr } = process;
  try {
    const request = parseCommandLine(args, version());
    if (request.type === 'map') return await mapCommand(request.map);
    if (request.type === 'advise') return await adviseCommand(request.advise);
    const { exitCode, text } = request;
    await write(exitCode === 0 ? stdout : stderr, text);
    return exitCode;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    const lines = [`manyhands: ${error.message}`, ...(error.hint?.split('\n').map((line) => `  ${line}`) ?? [])];
    await write(stderr, `${lines.join('\n')}\n`);
    return USAGE_EXIT_CODE;
  }
}

/** Resolves when the text has left, or cannot. */
async function write(stream: NodeJS.WriteStream, text: string): Promise<void> {
  await new Promise<void>((resolve) => {
    stream.once('error', () => resolve());
    stream.write(text, () => resolve());
  });
}

process.exit(await main(process.argv.slice(2)));
