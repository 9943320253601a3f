/**
 * The other side of `measure-doorbell.ts`.
 * @module
 */
import { constants, openSync } from 'node:fs';
import { Segment, type SegmentRef } from '../../../src/memory/segment.ts';
import { loadForeign } from '../../../src/memory/system/load-foreign.ts';
import { load, store } from '../../../src/memory/words.ts';
import { ANSWER, PIPE, QUESTION } from '../doorbell-words.ts';

const place = JSON.parse(process.argv[2] ?? '') as SegmentRef;
const { region } = Segment.attach(place);
const { words } = region;
const bell = openSync(`/proc/${place.pid}/fd/${load(words, PIPE + 1)}`, constants.O_WRONLY | constants.O_NONBLOCK);
const write = loadForeign().fn('write', 'i64', ['i32', 'pointer', 'u64']);
const byte = new Uint8Array(1);

// Looks now and then whether anybody is there; it is killed with the group of the one who asks.
for (let last = 0; process.ppid !== 1; ) {
  const question = load(words, QUESTION);
  if (question === last) {
    region.park(QUESTION, last, 1000);
    continue;
  }
  last = question;
  store(words, ANSWER, question);
  write(bell, byte, 1);
}
