/** Signals to and in processes: the contract for both kinds, and what only processes do. @module */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { Process } from '../../src/index.ts';
import { withRendezvous } from '../contract/rendezvous.ts';
import { endWhenAsked } from '../contract/signal-tasks.ts';
import { signalContract } from '../contract/signals.ts';
import { add, meet } from '../contract/tasks.ts';
import { rejection, withPool } from '../contract/with-pool.ts';

signalContract('process');

const waitForGate = `
  import { existsSync } from 'node:fs';
  import { dirname } from 'node:path';
  const gate = process.env.MANYHANDS_GATE;
  while (!existsSync(gate) && existsSync(dirname(gate))) await new Promise((resolve) => setTimeout(resolve, 5));`;
/** Not the spare, which has booted. It comes to the end of its boot when there is a file of that name, or its folder is gone. */
const bootsBehind = (gate: string) => ({
  env: { MANYHANDS_GATE: gate },
  execArgv: [`--import=data:text/javascript,${encodeURIComponent(waitForGate)}`],
});
const turn = (): Promise<unknown> => new Promise((resolve) => setImmediate(resolve));

describe('signals of the system', () => {
  it('SIGTERM from elsewhere asks as terminate does', () =>
    withRendezvous(async (meeting) => {
      const child = new Process(endWhenAsked, [meeting.path, 'resolve']);
      child.start();
      await meeting.untilArrived(1);
      process.kill(Number(child.pid), 'SIGTERM');
      assert.match(await child.join(), /asked to end by SIGTERM/);
      assert.equal(child.exitCode, -15);
    }));

  it('SIGINT from elsewhere, such as the terminal’s, is the owner’s to answer: a child goes on', () =>
    withRendezvous(async (meeting) => {
      const child = new Process(meet, [meeting.path, 'here']);
      child.start();
      await meeting.untilArrived(1);
      process.kill(Number(child.pid), 'SIGINT');
      process.kill(Number(child.pid), 'SIGWINCH'); // is heard after it
      meeting.open();
      assert.equal(await child.join(), 'here');
      assert.equal(child.exitCode, 0);
    }));

  it('… also while it still boots: it is booted anew, and does what it was started for', () =>
    withRendezvous(async ({ path }) => {
      const child = new Process(add, [1, 2], bootsBehind(`${path}.child`));
      child.start();
      const first = Number(child.pid);
      process.kill(first, 'SIGINT');
      while (child.alive && child.pid === first) await turn();
      writeFileSync(`${path}.child`, '');
      assert.equal(await child.join(), 3);
      assert.equal(child.exitCode, 0);
      assert.notEqual(child.pid, first);
      await withPool({ kind: 'process', workers: 1, ...bootsBehind(`${path}.pool`) }, async (pool) => {
        const sum = pool.submit(add, 3, 4);
        const [before = ''] = pool.liveWorkers;
        process.kill(Number(/\d+/.exec(before)), 'SIGINT');
        while (pool.liveWorkers[0] === before) await turn();
        writeFileSync(`${path}.pool`, '');
        assert.equal(await sum, 7);
      });
    }));

  it('… which is not tried for ever', () =>
    withRendezvous(async ({ path }) => {
      const child = new Process(add, [1, 2], bootsBehind(`${path}.never`));
      child.start();
      const failed = rejection(child.join());
      const pids = new Set<number>();
      while (child.alive) {
        const pid = Number(child.pid);
        if (!pids.has(pid)) process.kill(pid, 'SIGINT');
        pids.add(pid);
        await turn();
      }
      assert.equal(((await failed) as { code?: unknown }).code, 'ERR_WORKER_START');
      assert.equal(child.exitCode, -2);
      assert.equal(pids.size, 4);
    }));

  it('… and not when it was to end anyway', () =>
    withRendezvous(async ({ path }) => {
      const child = new Process(add, [1, 2], bootsBehind(`${path}.never`));
      child.start();
      const failed = rejection(child.join());
      process.kill(Number(child.pid), 'SIGINT');
      await child.kill();
      assert.equal(child.alive, false);
      await failed;
    }));

  it('listeners for `exit` run in a child that was asked to end', () =>
    withRendezvous(async (meeting) => {
      const child = new Process(
        async (path: string, end: typeof endWhenAsked) => {
          process.on('exit', () => process.getBuiltinModule('node:fs').appendFileSync(`${path}.exit`, 'ran'));
          return await end(path, 'resolve');
        },
        [meeting.path, endWhenAsked],
      );
      child.start();
      await meeting.untilArrived(1);
      await child.terminate({ grace: Number.POSITIVE_INFINITY });
      assert.equal(child.exitCode, -15);
      assert.equal(process.getBuiltinModule('node:fs').readFileSync(`${meeting.path}.exit`, 'utf8'), 'ran');
    }));
});
