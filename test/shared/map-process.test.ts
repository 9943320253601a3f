/** The contract of SharedMap, kept in process scope; and maps with names. @module */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Process, SharedMap, SharedMemory } from '../../src/index.ts';
import { sharedMapContract } from '../contract/shared-map.ts';
import { freshName } from './names.ts';

sharedMapContract('process');

describe('SharedMap with a name', () => {
  it('is opened by others, grows for them, and goes with its owner', async () => {
    const name = freshName('map');
    const map = new SharedMap<number, string>({ name, size: 8192 });
    map.set(1, 'one');
    assert.equal(map.scope, 'process');
    const worker = new Process(
      (of: string) => {
        const opened = SharedMap.open<number, string>(of);
        for (let i = 0; i < 2000; i++) opened.set(i, `from the other ${i}`);
        return opened.get(1);
      },
      [name],
    );
    worker.start();
    assert.equal(await worker.join(), 'from the other 1');
    assert.equal(map.size, 2000);
    assert.equal(map.get(1999), 'from the other 1999');
    assert.throws(() => new SharedMap({ name }), { code: 'ERR_SEGMENT_EXISTS' });
    assert.throws(() => SharedMemory.open(name), { code: 'ERR_SEGMENT_KIND' });
    assert.equal(SharedMemory.unlink(name), true);
    assert.throws(() => SharedMap.open(name), { code: 'ERR_SEGMENT_NOT_FOUND' });
    assert.throws(() => new SharedMap({ name, scope: 'thread' }), { code: 'ERR_INVALID_OPTION' });
  });

  it('for threads is not sent to a process', () => {
    const map = new SharedMap();
    const worker = new Process((given: SharedMap) => given.size, [map]);
    assert.throws(() => worker.start(), { code: 'ERR_NOT_SHAREABLE', message: /argument 1.*SharedMap/ });
  });
});
