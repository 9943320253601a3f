/**
 * A web server on this machine, with files that take about a second to download.
 *
 * How it works  A file is sent in 50 pieces, a piece every 20 ms, so that there is something to wait for and a bar has something
 *               to show. The last piece comes once both files are asked for: the two downloads overlap, however long one of them takes
 *               to begin. The files' bytes are made up; all else is plain HTTP over a socket.
 * @module
 */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

const PIECES = 50;
/** Milliseconds between two pieces. */
const PACE = 20;

/** The files, and their sizes in bytes. */
const files: Readonly<Record<string, number>> = {
  'Python从入门到住院.pdf': 600_000,
  'Peking Hot.avi': 1_500_000,
};

/** A running server. */
export interface DownloadServer {
  /** Address that the file names are appended to. */
  readonly url: string;
  /** Most downloads that were under way at the same time so far. */
  readonly mostAtOnce: number;
  /** Bytes of a file. */
  sizeOf(filename: string): number;
  close(): Promise<void>;
}

/** Starts the server on a free port of 127.0.0.1. */
export async function startDownloadServer(): Promise<DownloadServer> {
  let underWay = 0;
  let mostAtOnce = 0;
  const both = Promise.withResolvers<void>();
  const server = createServer((request, response) => {
    const size = files[decodeURIComponent((request.url ?? '/').slice(1))];
    if (size === undefined) {
      response.writeHead(404).end();
      return;
    }
    underWay += 1;
    mostAtOnce = Math.max(mostAtOnce, underWay);
    if (underWay === 2) both.resolve();
    response.on('close', () => {
      underWay -= 1;
    });
    response.writeHead(200, { 'content-length': size });
    void send(response, size, both.promise);
  });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject).listen(0, '127.0.0.1', resolve);
  await promise;
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    get mostAtOnce() {
      return mostAtOnce;
    },
    sizeOf: (filename) => files[filename] ?? 0,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

async function send(response: ServerResponse, size: number, both: Promise<void>): Promise<void> {
  const piece = Buffer.alloc(size / PIECES, 'manyhands ');
  for (let sent = 0; sent < PIECES && !response.destroyed; sent += 1) {
    await delay(PACE);
    if (sent === PIECES - 1) await both;
    response.write(piece);
  }
  response.end();
}
