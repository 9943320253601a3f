/** Who processes are, and which this one has started. @module */
import assert from 'node:assert/strict';
import { closeSync, openSync, readdirSync, readlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { describe, it } from 'node:test';
import { inspect } from 'node:util';
import {
  activeChildren,
  cpuCount,
  currentProcess,
  parentProcess,
  Pipe,
  type PipeConnection,
  Process,
  Queue,
  Thread,
} from '../../src/index.ts';
import { withRendezvous } from '../contract/rendezvous.ts';
import { RunningProcess } from '../contract/running-process.ts';
import { meet } from '../contract/tasks.ts';

const noSegments = process.platform === 'linux' ? false : 'memory between processes needs Linux';

describe('who a process is', () => {
  it('processlifecyc-01 processlifecyc-02: itself and its parent, in the program, a child, and a thread of the child', async () => {
    const me = currentProcess();
    assert.deepEqual({ ...me, alive: me.alive }, { pid: process.pid, name: 'MainProcess', daemon: false, alive: true });
    assert.equal(parentProcess(), undefined);
    const tell = (): object => ({ me: { ...currentProcess() }, parent: { ...parentProcess() } });
    const child = new Process(
      async () => {
        const thread = new Thread(tell);
        thread.start();
        return [tell(), await thread.join()];
      },
      [],
      { name: 'kid', daemon: true },
    );
    child.start();
    const { pid } = child;
    const parent = { pid: process.pid, name: 'MainProcess', daemon: false };
    const expected = { me: { pid, name: 'kid', daemon: true }, parent };
    assert.deepEqual(await child.join(), [expected, expected]);
    assert.match(inspect(me), /^ProcessInfo \{ MainProcess: process \d+ \}$/);
  });

  it('processlifecyc-02: a grandchild’s parent is the child', async () => {
    const child = new Process(
      async () => {
        const grandchild = new Process(() => ({ ...parentProcess() }));
        grandchild.start();
        return [process.pid, await grandchild.join()] as const;
      },
      [],
      { name: 'kid' },
    );
    child.start();
    const [pid, parent] = await child.join();
    assert.deepEqual(parent, { pid, name: 'kid', daemon: false });
  });

  it('processlifecyc-05: cpuCount is a whole number of at least 1', () => {
    assert.ok(Number.isInteger(cpuCount()) && cpuCount() >= 1);
  });

  it('a parent or a child that is gone is not alive', async () => {
    const child = new Process(() => ({ ...currentProcess() }));
    child.start();
    const seen = new RunningProcess(child.pid as number);
    await child.join();
    assert.equal(seen.runs, false);
  });
});

describe('children', () => {
  it('processlifecyc-06: activeChildren lists those that were started and live, in their order', () =>
    withRendezvous(async (meeting) => {
      assert.deepEqual(activeChildren(), []);
      const children = ['one', 'two'].map((name) => new Process(meet, [meeting.path, name]));
      assert.deepEqual(activeChildren(), []);
      for (const child of children) child.start();
      assert.deepEqual(activeChildren(), children);
      await meeting.untilArrived(2);
      meeting.letGo('one');
      await children[0]?.join();
      assert.deepEqual(activeChildren(), children.slice(1));
      await children[1]?.kill();
      assert.deepEqual(activeChildren(), []);
      await Promise.allSettled(children.map((child) => child.join()));
    }));

  it('processlifecyc-07: children start children, one after the other, and what they send comes in order', {
    skip: noSegments,
  }, async () => {
    const { left: mine, right: theirs } = new Pipe<number[]>({ scope: 'process' });
    const descend = async (end: PipeConnection, path: number[]): Promise<void> => {
      await end.send(path);
      if (path.length === 2) return;
      for (const next of [0, 1]) {
        const child = new Process(descend, [end, [...path, next]]);
        child.start();
        await child.join();
      }
    };
    const root = new Process(descend, [theirs, []]);
    root.start();
    const paths: number[][] = [];
    for (let n = 0; n < 7; n++) paths.push(await mine.recv());
    await root.join();
    assert.deepEqual(paths, [[], [0], [0, 0], [0, 1], [1], [1, 0], [1, 1]]);
  });

  it('processlifecyc-15: a queue and a grandchild in a child', { skip: noSegments }, async () => {
    const child = new Process(async () => {
      const queue = new Queue<string>({ scope: 'process' });
      const grandchild = new Process((to: Queue<string>) => to.put('from below'), [queue]);
      grandchild.start();
      const got = await queue.get();
      await grandchild.join();
      return got;
    });
    child.start();
    assert.equal(await child.join(), 'from below');
  });

  it('processlifecyc-11 processlifecyc-16: a child has no descriptor that was opened for others', {
    skip: noSegments,
  }, async () => {
    const file = openSync(tmpdir(), 'r');
    try {
      const open = (): string[] =>
        readdirSync('/proc/self/fd').flatMap((fd) => {
          try {
            return [readlinkSync(`/proc/self/fd/${fd}`)];
          } catch {
            return [];
          }
        });
      const children = [1, 2].map(() => new Process(open, [], { startMethod: 'spawn' }));
      for (const child of children) child.start();
      const [one = [], two = []] = await Promise.all(children.map((child) => child.join()));
      assert.ok(open().includes(tmpdir()));
      assert.ok(!one.includes(tmpdir()) && !two.includes(tmpdir()));
      const pipes = (list: readonly string[]): string[] => list.filter((name) => /^(?:pipe|socket):/.test(name));
      const shared = pipes(one).filter((name) => pipes(two).includes(name));
      // what is printed goes through this process's own streams
      assert.ok(shared.length <= 3, inspect(shared));
    } finally {
      closeSync(file);
    }
  });

  it('processlifecyc-13: a child that closes its own output still ends with 0', async () => {
    const child = new Process(() => {
      process.stdout.destroy();
      process.stderr.destroy();
      closeSync(1);
      return 'done';
    });
    child.start();
    assert.equal(await child.join(), 'done');
    assert.equal(child.exitCode, 0);
  });
});

// processlifecyc-03: a child does not outlive its parent (see the crash tests), so there is nobody to see its end.
