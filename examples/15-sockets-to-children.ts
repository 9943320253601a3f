/**
 * One process accepts connections and hands each to one of two child processes, which answer: a server on several cores, with its sessions
 * dealt out by the program rather than by the system.
 *
 * What goes over is the connection itself. The peer notices nothing, and no byte passes through the parent any more.
 * @module
 */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { EOFError, Pipe, type PipeConnection, Process } from '../src/index.ts';

/** What a child does: answers each connection that it is handed, until the pipe ends. */
async function answer(name: string, sockets: PipeConnection): Promise<number> {
  for (let count = 0; ; count++) {
    try {
      const socket = (await sockets.recvHandle()) as Socket;
      socket.once('data', (question) => socket.end(`${String(question).toUpperCase()}! says the ${name} child`));
    } catch (error) {
      if (error instanceof EOFError) return count;
      throw error;
    }
  }
}

const children = ['first', 'second'].map((name) => {
  const { left, right } = new Pipe({ scope: 'process' });
  const process = new Process(answer, [name, right]);
  process.start();
  right.close();
  return { pipe: left, process };
});

let accepted = 0;
const server = createServer({ pauseOnConnect: true }, (socket) => {
  const child = children[accepted++ % children.length];
  void child?.pipe.sendHandle(socket); // closed here once the child has it
});
await once(server.listen(0, '127.0.0.1'), 'listening');
const { port } = server.address() as AddressInfo;

for (const question of ['one', 'two', 'three', 'four']) {
  const client = connect(port, '127.0.0.1');
  client.write(question);
  for await (const text of client) console.log(String(text));
}

server.close();
for (const { pipe, process } of children) {
  pipe.close();
  console.log('This child answered %d.', await process.join());
}

// Output:
// ONE! says the first child
// TWO! says the second child
// THREE! says the first child
// FOUR! says the second child
// This child answered 2.
// This child answered 2.
