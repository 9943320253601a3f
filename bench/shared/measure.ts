/**
 * Makes one measurement in a process of its own, so that no test finds the compiled code or the garbage of another.
 * @module
 */
import { answer } from '../harness/answer.ts';
import type { Figures } from '../harness/measurement.ts';
import { measureField } from './measure-field.ts';
import { measureMap } from './measure-map.ts';
import { measureMix } from './measure-mix.ts';
import type { SharedMeasurement } from './measurement.ts';

async function measure({ runner, kind, of, atLeast }: SharedMeasurement): Promise<Figures> {
  const plain = runner === 'Map in one thread';
  switch (of.test) {
    case 'map':
      return measureMap(plain ? undefined : kind, of.step, of.values, atLeast);
    case 'mix':
      return measureMix(plain ? undefined : kind, of.values, of.ms);
    case 'field':
      return measureField(of.step, kind, atLeast);
  }
}

await answer(measure);
