/** Signals to and in threads: the contract for both kinds, and what only threads do. @module */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { onSignal, Thread } from '../../src/index.ts';
import { withRendezvous } from '../contract/rendezvous.ts';
import { handleAndReturn } from '../contract/signal-tasks.ts';
import { signalContract } from '../contract/signals.ts';

signalContract('thread');

describe('signals of the system', () => {
  it('exitcodessigna-05: one that a thread sends to the process is handled in the main thread only', () =>
    withRendezvous(async (meeting) => {
      const listening = new Thread(handleAndReturn, [meeting.path, 'SIGALRM']);
      listening.start();
      await meeting.untilArrived(1);
      const handled = Promise.withResolvers<string>();
      const forget = onSignal('SIGALRM', handled.resolve);
      try {
        const sending = new Thread(() => process.kill(process.pid, 'SIGALRM'));
        sending.start();
        assert.equal(await handled.promise, 'SIGALRM');
        assert.equal(await sending.join(), true);
        assert.equal(await listening.join({ timeout: 0 }), undefined, 'it has heard nothing');
        listening.send('SIGALRM');
        assert.equal(await listening.join(), 'handled SIGALRM');
      } finally {
        forget();
        await listening.kill();
      }
    }));

  it('a thread cannot be stopped', () => {
    const thread = new Thread(() => new Promise(() => {}));
    thread.start();
    assert.throws(() => thread.send('SIGSTOP'), { code: 'ERR_INVALID_OPTION' });
    return thread.kill();
  });
});
