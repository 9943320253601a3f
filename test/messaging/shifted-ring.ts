/**
 * A task ring that has seen many tasks already: its positions begin where they are told to.
 *
 * How it works  Receivers take their position from shared memory, so that can be set from here. The sender counts for itself:
 *               its module is loaded once more with another first position in its text.
 * @module
 */
import assert from 'node:assert/strict';
import { registerHooks } from 'node:module';
import { createTaskRing, type TaskRingMemory, type TaskSender } from '../../src/messaging/task-ring.ts';

/** Words before the first slot: head, sleepers, seekers and barred have a cache line each. */
const FIRST_SLOT = 4 * 16;
const SLOT_WORDS = 32;
const QUERY = 'first-position';

registerHooks({
  load(url, context, nextLoad) {
    const position = new URL(url).searchParams.get(QUERY);
    const loaded = nextLoad(url, context);
    if (position === null || loaded.source === undefined || loaded.source === null) return loaded;
    const text = typeof loaded.source === 'string' ? loaded.source : new TextDecoder().decode(loaded.source);
    const parts = text.split('#tail = 0;');
    assert.equal(parts.length, 2, 'the sender no longer counts from "#tail = 0;"');
    return { ...loaded, source: parts.join(`#tail = ${position};`) };
  },
});

/** A ring and its sender, both about to use this position next; a multiple of `slots`. */
export async function ringAt(
  position: number,
  slots: number,
  arenaBytes: number,
): Promise<readonly [TaskRingMemory, TaskSender]> {
  assert.equal(position % slots, 0);
  const first = position | 0;
  const url = new URL(import.meta.resolve('../../src/messaging/task-ring.ts'));
  url.searchParams.set(QUERY, String(first));
  const shifted = (await import(url.href)) as { readonly TaskSender: typeof TaskSender };
  const memory = createTaskRing(slots, arenaBytes);
  const words = new Int32Array(memory.buffer);
  words[0] = first;
  for (let slot = 0; slot < slots; slot++) words[FIRST_SLOT + slot * SLOT_WORDS] = (first + slot) << 8;
  return [memory, new shifted.TaskSender(memory)];
}
