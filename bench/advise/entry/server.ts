/**
 * A server that answers after 5 milliseconds; says where on standard output.
 * @module
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const LATENCY = 5;
const server = createServer((_request, response) => {
  setTimeout(() => response.end('x'.repeat(1000)), LATENCY);
});
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`));
process.stdin.on('end', () => process.exit()).resume(); // ends with whoever has started it
