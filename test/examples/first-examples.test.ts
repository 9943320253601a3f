/** The first examples, among them those with a hundred threads and with many processes: they have a file's time for themselves. @module */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { examples, runExamples } from './run-examples.ts';

test('examples are there, numbered without a gap', () => {
  assert.ok(examples.length > 0, 'no examples/NN-*.ts: the check is blind');
  assert.deepEqual(
    examples.map((name) => Number(name.slice(0, 2))),
    examples.map((_, index) => index + 1),
  );
});

runExamples(examples.slice(0, 4));
