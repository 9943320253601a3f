/**
 * Two downloads at the same time, each in a thread of its own.
 *
 * Threads share memory, so a download counts its bytes where the bar can see them: in a SharedArrayBuffer, which `download`
 * captures like any other variable. Everything else that it captures is copied.
 * @module
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Thread } from '../src/index.ts';
import { startDownloadServer } from './shared/download-server.ts';
import { showBars } from './shared/progress-bars.ts';

const server = await startDownloadServer();
const folder = mkdtempSync(join(tmpdir(), 'downloads-'));
const filenames = ['Python从入门到住院.pdf', 'Peking Hot.avi'];
/** Bytes so far; each download writes its own. */
const received = new Int32Array(new SharedArrayBuffer(filenames.length * Int32Array.BYTES_PER_ELEMENT));
const { url } = server;

async function download(filename: string): Promise<void> {
  console.log('Start download %s...', filename);
  const start = performance.now();
  const response = await fetch(url + encodeURIComponent(filename));
  if (response.body === null || !response.ok) throw new Error(`${filename}: the server answers ${response.status}`);
  const mine = filenames.indexOf(filename);
  const file = await open(join(folder, filename), 'w');
  for await (const chunk of response.body) {
    await file.write(chunk);
    received[mine] = (received[mine] ?? 0) + chunk.length;
  }
  await file.close();
  console.log('%s complete! Total of %s seconds', filename, ((performance.now() - start) / 1000).toFixed(2));
}

const stopBars = showBars(
  filenames.map((label, index) => ({ label, total: server.sizeOf(label), received: () => received[index] ?? 0 })),
);

const start = performance.now();
const t1 = new Thread(download, ['Python从入门到住院.pdf']);
t1.start();
const t2 = new Thread(download, ['Peking Hot.avi']);
t2.start();
await t1.join();
await t2.join();
const seconds = (performance.now() - start) / 1000;

stopBars();
console.log('Bytes in shared memory: %s. Downloads at once: %d.', received.join(' and '), server.mostAtOnce);
console.log('Total used of %s seconds.', seconds.toFixed(2));
rmSync(folder, { recursive: true });
await server.close();

// Output (any order):
// Start download Python从入门到住院.pdf...
// Start download Peking Hot.avi...
// Python从入门到住院.pdf complete! Total of {{\d+\.\d\d}} seconds
// Peking Hot.avi complete! Total of {{\d+\.\d\d}} seconds
// Bytes in shared memory: 600000 and 1500000. Downloads at once: 2.
// Total used of {{\d+\.\d\d}} seconds.
