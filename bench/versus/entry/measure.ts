/**
 * Makes one measurement in a process of its own, so that no contestant finds the compiled code or the garbage of another.
 * @module
 */
import { answer } from '../../harness/answer.ts';
import type { Figures } from '../../harness/measurement.ts';
import { contestants, isContestant } from '../contestants.ts';
import { measureIdle, measureMap, measureMemory, measureSpeedup, measureStartup } from '../measure-others.ts';
import { measurePromises, resolveLater } from '../measure-promises.ts';
import { measureTasks } from '../measure-tasks.ts';
import type { PoolMeasurement } from '../measurement.ts';

async function measure({ runner, kind, workers, of, atLeast }: PoolMeasurement): Promise<Figures> {
  if (!isContestant(runner)) {
    if (of.test === 'tasks') return measurePromises(of.tasks, atLeast);
    if (of.test === 'memory') return measureMemory(resolveLater(), of.tasks);
    throw new Error(`${runner} takes no part in '${of.test}'`);
  }
  const contestant = await contestants[runner].load();
  if (of.test === 'speedup') return measureSpeedup(contestant, kind, of);
  if (of.test === 'startup') return measureStartup(contestant, kind, workers);

  const team = await contestant.start(kind, workers, of.test === 'tasks' && of.work === 'bytes');
  const most = contestant.mostInFlight ?? Number.POSITIVE_INFINITY;
  let figures: Figures;
  if (of.test === 'tasks') figures = await measureTasks(team, of, atLeast, most);
  else if (of.test === 'map') figures = await measureMap(team, of.items, atLeast);
  else if (of.test === 'memory') figures = await measureMemory((i) => team.add(i, 1), of.tasks);
  else figures = await measureIdle(team, of.ms);
  await team.stop();
  return figures;
}

await answer(measure);
