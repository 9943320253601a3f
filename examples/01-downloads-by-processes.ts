/**
 * Two downloads at the same time, each in a process of its own.
 *
 * Processes share no memory, so the bars cannot look into a variable of the download: they watch its file grow.
 * @module
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Process } from '../src/index.ts';
import { startDownloadServer } from './shared/download-server.ts';
import { showBars } from './shared/progress-bars.ts';

async function download(filename: string, url: string, folder: string): Promise<number> {
  console.log('Start download, the process id is [%d].', process.pid);
  console.log('Start download %s...', filename);
  const start = performance.now();
  const response = await fetch(url + encodeURIComponent(filename));
  if (response.body === null || !response.ok) throw new Error(`${filename}: the server answers ${response.status}`);
  const file = await open(join(folder, filename), 'w');
  let bytes = 0;
  for await (const chunk of response.body) bytes += (await file.write(chunk)).bytesWritten;
  await file.close();
  console.log('%s complete! Total of %s seconds', filename, ((performance.now() - start) / 1000).toFixed(2));
  return bytes;
}

const server = await startDownloadServer();
const folder = mkdtempSync(join(tmpdir(), 'downloads-'));
const sizeOnDisk = (filename: string): number => statSync(join(folder, filename), { throwIfNoEntry: false })?.size ?? 0;
const stopBars = showBars(
  ['Python从入门到住院.pdf', 'Peking Hot.avi'].map((label) => ({
    label,
    total: server.sizeOf(label),
    received: () => sizeOnDisk(label),
  })),
);

const start = performance.now();
const p1 = new Process(download, ['Python从入门到住院.pdf', server.url, folder]);
p1.start();
const p2 = new Process(download, ['Peking Hot.avi', server.url, folder]);
p2.start();
const bytes = [await p1.join(), await p2.join()];
const seconds = (performance.now() - start) / 1000;

stopBars();
console.log('Bytes: %d and %d. Exit codes: %d and %d.', ...bytes, p1.exitCode, p2.exitCode);
console.log(
  'Own process ids: %s. Downloads at once: %d.',
  new Set([process.pid, p1.pid, p2.pid]).size,
  server.mostAtOnce,
);
console.log('Total used of %s seconds.', seconds.toFixed(2));
rmSync(folder, { recursive: true });
await server.close();

// Output (any order):
// Start download, the process id is [{{\d+}}].
// Start download Python从入门到住院.pdf...
// Start download, the process id is [{{\d+}}].
// Start download Peking Hot.avi...
// Python从入门到住院.pdf complete! Total of {{\d+\.\d\d}} seconds
// Peking Hot.avi complete! Total of {{\d+\.\d\d}} seconds
// Bytes: 600000 and 1500000. Exit codes: 0 and 0.
// Own process ids: 3. Downloads at once: 2.
// Total used of {{\d+\.\d\d}} seconds.
