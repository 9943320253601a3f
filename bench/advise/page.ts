/**
 * Puts figures and pictures into docs/process-or-thread.md: what `advise()` says of the twelve workloads on this machine.
 *
 * `node bench/advise/page.ts`. The pictures are the pages of `manyhands advise --html`, as Chromium shows them.
 * @module
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { adviseReport } from '../../src/cli/advise-report.ts';
import { manyhands } from '../harness/manyhands.ts';
import { workloads } from './list.ts';

const { advise } = manyhands;
const page = fileURLToPath(new URL('../../docs/process-or-thread.md', import.meta.url));
const pictures = fileURLToPath(new URL('../../docs/pictures/', import.meta.url));
/** Of which there is a picture, and its height. */
const PICTURED: Readonly<Record<string, number>> = { compute: 1560, lookUp: 1760, guarded: 1560 };
const BEGIN = '<!-- figures: node bench/advise/page.ts -->';
const END = '<!-- end of figures -->';

const rows = ['| function | kind of work | run it on | times one after another |', '| --- | --- | --- | --- |'];
mkdirSync(pictures, { recursive: true });
const folder = mkdtempSync(join(tmpdir(), 'manyhands-page-'));
const { list, end } = await workloads();
try {
  for (const { name, what, fn, inputs } of list) {
    const advice = await advise(fn, inputs, { name, module: `./work.ts#${name}`, budget: 5000 });
    const { kind, workers, tasksPerWorker, work, speedUp, trials } = advice;
    const chosen = trials.find(
      (trial) => trial.kind === kind && trial.workers === workers && trial.tasksPerWorker === tasksPerWorker,
    );
    const times =
      kind === 'none' ? '' : `${speedUp.value.toFixed(1)} (${speedUp.low.toFixed(1)} to ${speedUp.high.toFixed(1)})`;
    rows.push(`| \`${name}\` ${what} | ${work} | ${chosen?.name ?? ''} | ${times} |`);
    console.log(rows.at(-1));
    const height = PICTURED[name];
    if (height === undefined) continue;
    const file = join(folder, `${name}.html`);
    writeFileSync(file, adviseReport(advice, name));
    execFileSync('chromium', [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--hide-scrollbars',
      `--user-data-dir=${join(folder, 'profile')}`,
      `--window-size=900,${height}`,
      `--screenshot=${join(pictures, `${name}.png`)}`,
      pathToFileURL(file).href,
    ]);
  }
} finally {
  end();
  rmSync(folder, { recursive: true });
}
const machine = `${availableParallelism()} cores of ${cpus()[0]?.model.trim() ?? 'an unknown processor'}, Node ${process.versions.node}`;
const text = readFileSync(page, 'utf8');
const [before, rest] = text.split(BEGIN) as [string, string];
const [, after] = rest.split(END) as [string, string];
writeFileSync(page, `${before}${BEGIN}\n\n${rows.join('\n')}\n\nMeasured on ${machine}.\n\n${END}${after}`);
