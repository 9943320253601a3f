/**
 * Writes the tables of the last full run into README.md, between its two markers: `node bench/render-table.ts [REPORT]`.
 *
 * With `--stdout` it prints them instead.
 * @module
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Report } from './harness/report.ts';
import { markdownTables } from './versus/markdown-table.ts';

const BEGIN = '<!-- bench:begin -->';
const END = '<!-- bench:end -->';

const { values, positionals } = parseArgs({
  options: { stdout: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const report = JSON.parse(
  readFileSync(positionals[0] ?? new URL('./results/full.json', import.meta.url), 'utf8'),
) as Report;
const tables = markdownTables(report);

if (values.stdout) {
  console.log(tables);
} else {
  const file = new URL('../README.md', import.meta.url);
  const text = readFileSync(file, 'utf8');
  const begin = text.indexOf(BEGIN);
  const end = text.indexOf(END);
  if (begin === -1 || end < begin) {
    console.error(`README.md has no place for the tables: it wants a line '${BEGIN}' and below it a line '${END}'.`);
    process.exit(1);
  }
  writeFileSync(file, `${text.slice(0, begin + BEGIN.length)}\n\n${tables}\n\n${text.slice(end)}`);
}
