/**
 * Two downloads by a class of one's own that extends Thread.
 *
 * The object travels with its class and its fields, and `run` is called on the other side. What is to come back is returned:
 * a field that `run` changes changes in the thread's copy only.
 * @module
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Thread } from '../src/index.ts';
import { startDownloadServer } from './shared/download-server.ts';
import { showBars } from './shared/progress-bars.ts';

class DownloadTask extends Thread<number> {
  readonly filename: string;
  readonly url: string;
  readonly path: string;

  constructor(filename: string, url: string, folder: string) {
    super();
    this.filename = filename;
    this.url = url + encodeURIComponent(filename);
    this.path = join(folder, filename);
  }

  override async run(): Promise<number> {
    console.log('Start download %s...', this.filename);
    const start = performance.now();
    const response = await fetch(this.url);
    if (response.body === null || !response.ok) throw new Error(`${this.url}: the server answers ${response.status}`);
    const file = await open(this.path, 'w');
    let bytes = 0;
    for await (const chunk of response.body) bytes += (await file.write(chunk)).bytesWritten;
    await file.close();
    console.log(
      '%s download complete! Took %s seconds',
      this.filename,
      ((performance.now() - start) / 1000).toFixed(2),
    );
    return bytes;
  }
}

const server = await startDownloadServer();
const folder = mkdtempSync(join(tmpdir(), 'downloads-'));

const start = performance.now();
const t1 = new DownloadTask('Python从入门到住院.pdf', server.url, folder);
const t2 = new DownloadTask('Peking Hot.avi', server.url, folder);
const stopBars = showBars(
  [t1, t2].map(({ filename, path }) => ({
    label: filename,
    total: server.sizeOf(filename),
    received: () => statSync(path, { throwIfNoEntry: false })?.size ?? 0,
  })),
);
t1.start();
t2.start();
const bytes = [await t1.join(), await t2.join()];
const seconds = (performance.now() - start) / 1000;

stopBars();
console.log('Bytes: %d and %d. Downloads at once: %d.', ...bytes, server.mostAtOnce);
console.log('Total time spent: %s seconds.', seconds.toFixed(2));
rmSync(folder, { recursive: true });
await server.close();

// Output (any order):
// Start download Python从入门到住院.pdf...
// Start download Peking Hot.avi...
// Python从入门到住院.pdf download complete! Took {{\d+\.\d\d}} seconds
// Peking Hot.avi download complete! Took {{\d+\.\d\d}} seconds
// Bytes: 600000 and 1500000. Downloads at once: 2.
// Total time spent: {{\d+\.\d\d}} seconds.
