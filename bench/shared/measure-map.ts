/**
 * One step of a map in one thread, again and again.
 *
 * Keys are picked at random; `delete` and `insert` take all in turn, since each can be deleted, or be new, only once.
 * @module
 */
import assert from 'node:assert/strict';
import { type Batch, timeBatches } from '../harness/batches.ts';
import { manyhands } from '../harness/manyhands.ts';
import type { Figures, TeamKind } from '../harness/measurement.ts';
import { filled } from './measure-mix.ts';
import type { MapStep, Values } from './measurement.ts';
import { KEYS, PICKS, type Stock, stockOf } from './stock.ts';

/** Microseconds a step; of a `Map` when there is no scope. */
export async function measureMap(
  scope: TeamKind | undefined,
  step: MapStep,
  values: Values,
  atLeast: number,
): Promise<Figures> {
  const stock = stockOf(values, 1);
  const map = filled(scope === undefined ? new PlainMap() : new manyhands.SharedMap<string>({ scope }), stock);
  const figures = await timeBatches(
    batchOf[step](map, stock),
    step in { delete: 0, insert: 0 } ? KEYS : PICKS,
    atLeast,
  );
  assert.equal(map.size, step === 'delete' ? 0 : KEYS);
  return figures;
}

/** What is measured of a map. */
interface WholeMap {
  readonly size: number;
  get(key: string): unknown;
  has(key: string): boolean;
  set(key: string, value: unknown): unknown;
  delete(key: string): boolean;
  update(key: string, change: (value: unknown) => unknown): unknown;
  clear(): void;
}

/** A `Map` with the step that it lacks. */
class PlainMap extends Map<string, unknown> implements WholeMap {
  update(key: string, change: (value: unknown) => unknown): unknown {
    const value = change(this.get(key));
    this.set(key, value);
    return value;
  }
}

/** Something to do with a key of some number. */
type Step = (key: string, number: number, turn: number) => unknown;

function picked({ keys, picks }: Stock, step: Step): Batch {
  let turn = 0;
  return {
    run() {
      turn += 1;
      for (let i = 0; i < PICKS; i++) step(keys[picks[i] as number] as string, picks[i] as number, turn);
    },
  };
}

function inTurn({ keys }: Stock, step: Step, prepare: () => void): Batch {
  let turn = 0;
  return {
    prepare,
    run() {
      turn += 1;
      for (let i = 0; i < KEYS; i++) step(keys[i] as string, i, turn);
    },
  };
}

const batchOf: Readonly<Record<MapStep, (map: WholeMap, stock: Stock) => Batch>> = {
  set: (map, stock) => picked(stock, (key, number, turn) => map.set(key, stock.value(number, turn))),
  get: (map, stock) =>
    picked(stock, (key, number) => {
      if (!stock.fits(map.get(key), number)) throw new Error(`${key} has a value that nobody gave it`);
    }),
  has: (map, stock) =>
    picked(stock, (key) => {
      if (!map.has(key)) throw new Error(`${key} is gone`);
    }),
  update: (map, stock) => picked(stock, (key) => map.update(key, (value) => (value as number) + KEYS)),
  delete: (map, stock) =>
    inTurn(
      stock,
      (key) => map.delete(key),
      () => void filled(map, stock),
    ),
  insert: (map, stock) =>
    inTurn(
      stock,
      (key, number, turn) => map.set(key, stock.value(number, turn)),
      () => map.clear(),
    ),
};
