/**
 * Where inputs come from, and that results keep their order.
 * @module
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { kinds, manyhands, values } from './manyhands.ts';

const scratch = mkdtempSync(join(tmpdir(), 'manyhands-cli-'));
after(() => rmSync(scratch, { recursive: true }));

function file(name: string, text: string | Uint8Array): string {
  const path = join(scratch, name);
  writeFileSync(path, text);
  return path;
}

for (const kind of kinds) {
  describe(`inputs, ${kind}`, () => {
    test('after :::, and the results are in their order', async () => {
      const inputs = ['a', 'm', 'z', 'b', 'y', 'c', 'x'];
      const { code, stdout, stderr } = await manyhands(['map', 'work.ts#backwards', kind, '-j', '3', ':::', ...inputs]);
      assert.deepEqual(values(stdout), inputs);
      assert.deepEqual([code, stderr], [0, '']);
    });

    test('from standard input, one a line', async () => {
      const { code, stdout } = await manyhands(['map', 'work.ts#upper', kind], { input: 'one\ntwo words\r\n\nlast' });
      assert.deepEqual(values(stdout), ['ONE', 'TWO WORDS', '', 'LAST']);
      assert.equal(code, 0);
    });

    test('twenty thousand of them', async () => {
      const inputs = Array.from({ length: 20_000 }, (_, at) => `n${at}`);
      const { stdout } = await manyhands(['map', 'work.ts#upper', kind], { input: inputs.join('\n') });
      assert.deepEqual(
        values(stdout),
        inputs.map((each) => each.toUpperCase()),
      );
    });
  });
}

describe('inputs', () => {
  test('from a file', async () => {
    const path = file('inputs.txt', '\ufeffä\n€ uro\n');
    assert.deepEqual(values((await manyhands(['map', 'work.ts#upper', '-a', path])).stdout), ['Ä', '€ URO']);
  });

  test('from the file -, which is standard input', async () => {
    assert.equal((await manyhands(['map', 'work.ts#upper', '-a', '-'], { input: 'x\n' })).stdout, '"X"\n');
  });

  test('after ::: may look like options, and may be empty', async () => {
    const { stdout } = await manyhands(['map', 'work.ts#upper', ':::', '--json', '-j', '', 'a b']);
    assert.deepEqual(values(stdout), ['--JSON', '-J', '', 'A B']);
  });

  test('may be none', async () => {
    const none = [
      manyhands(['map', 'work.ts#upper', ':::']),
      manyhands(['map', 'work.ts#upper']),
      manyhands(['map', 'work.ts#upper', '-a', file('empty.txt', '')]),
    ];
    for (const { code, stdout, stderr } of await Promise.all(none))
      assert.deepEqual([code, stdout, stderr], [0, '', '']);
  });

  test('that are JSON reach the function as values; blank lines are left out', async () => {
    const input = '1\n\n{"a":[true,null]}\n  \n"text"\n';
    const { stdout } = await manyhands(['map', 'work.ts#typeOf', '--json'], { input });
    assert.deepEqual(values(stdout), ['number 1', 'object {"a":[true,null]}', 'string "text"']);
  });

  test('that are no JSON have failed, and the others go on', async () => {
    const { code, stdout, stderr } = await manyhands(['map', 'work.ts#typeOf', '--json', ':::', '1', '{oops', '2']);
    assert.deepEqual(values(stdout), ['number 1', 'number 2']);
    assert.match(stderr, /1 of 3 inputs failed:\n {2}input 2: \{oops: SyntaxError: The input is no JSON: /);
    assert.equal(code, 1);
  });

  test('that are longer than a block are whole', async () => {
    const long = 'é'.repeat(200_000);
    const { stdout } = await manyhands(['map', 'work.ts#upper'], { input: `a\n${long}\nb\n` });
    assert.deepEqual(values(stdout), ['A', long.toUpperCase(), 'B']);
  });
});
