/**
 * The benches: `npm run bench -- [BENCH] [options]`. Without a name the comparison with other pools.
 *
 * See bench/README.md for the options.
 * @module
 */
import { parseArgs } from 'node:util';
import type { Bench } from './harness/bench.ts';
import { runBench } from './harness/run-bench.ts';
import { lockBench } from './locks/bench.ts';
import { messageBench } from './messages/bench.ts';
import { serviceBench } from './service/bench.ts';
import { sharedBench } from './shared/bench.ts';
import { startBench } from './starts/bench.ts';
import { poolBench } from './versus/bench.ts';

const benches: Readonly<Record<string, Bench>> = {
  pools: poolBench,
  locks: lockBench,
  shared: sharedBench,
  messages: messageBench,
  starts: startBench,
  service: serviceBench,
};

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    full: { type: 'boolean', default: false },
    only: { type: 'string' },
    runners: { type: 'string' },
    rounds: { type: 'string' },
    seconds: { type: 'string' },
    dist: { type: 'boolean', default: false },
    out: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

if (options.help) {
  const list = ([bench, { groups }]: readonly [string, Bench]): string =>
    [`Groups of ${bench}:`, ...Object.entries(groups).map(([name, what]) => `  ${name.padEnd(10)} ${what}`)].join('\n');
  console.log(
    `npm run bench -- [${Object.keys(benches).join('|')}] [--full] [--only GROUP,…] [--runners NAME,…] [--rounds N] [--seconds S] [--dist] [--out FILE]\n`,
  );
  console.log(Object.entries(benches).map(list).join('\n\n'));
} else {
  const [name] = chosen(positionals[0] ?? 'pools', Object.keys(benches), 'bench') as [string];
  const bench = benches[name] as Bench;
  await runBench(bench, {
    full: options.full,
    dist: options.dist,
    only: chosen(options.only, Object.keys(bench.groups), 'group'),
    runners: (known) => chosen(options.runners, known, 'runner'),
    rounds: numberOf(options.rounds),
    seconds: numberOf(options.seconds),
    out: options.out,
    onProgress,
  });
}

function chosen(text: string | undefined, known: readonly string[], what: string): string[] | undefined {
  if (text === undefined) return undefined;
  const names = text.split(',').map((name) => name.trim());
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length === 0) return names;
  console.error(`No ${what} is called ${unknown.join(', ')}. There are: ${known.join(', ')}.`);
  process.exit(2);
}

function numberOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (value > 0) return value;
  console.error(`--rounds and --seconds take a number above 0, not '${text}'.`);
  process.exit(2);
}

function onProgress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}
