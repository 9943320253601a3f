/**
 * What can be measured of a web service that computes.
 * @module
 */
import type { Measurement } from '../harness/measurement.ts';

/** Clients, each of whom asks again as soon as there is an answer; after a refusal a little later. */
interface Crowd {
  readonly clients: number;
  /** What they ask for: the number of primes below this. */
  readonly below: number;
}

/** One kind of test with its sizes. */
export type ServiceTest =
  /** Nobody else there. */
  | ({ readonly test: 'alone' } & Crowd)
  /** More than there are workers. */
  | ({ readonly test: 'load' } & Crowd)
  /** More than there is room for: only so many may wait. */
  | ({ readonly test: 'crowd'; readonly room: number } & Crowd)
  /** Beside so many others who ask for far more, and hang up after so many ms. */
  | ({ readonly test: 'leave'; readonly leaving: number; readonly patience: number } & Crowd);

/** Whoever can be measured. */
export type ServiceRunner = 'manyhands' | 'manyhands (threads)' | 'piscina' | 'no pool';

/** One measurement of the service. */
export type ServiceMeasurement = Measurement<ServiceTest, ServiceRunner>;

/** Names of the groups, and what each holds. */
export const serviceGroups = {
  alone: 'one client, one request after the other',
  load: 'eight clients at once; a page that costs nothing beside it',
  crowd: '64 clients where eight may wait',
  leave: 'two clients beside eight who hang up',
} as const;

/** A group of measurements. */
export type ServiceGroup = keyof typeof serviceGroups;

/** A name for a measurement without who: the same for all that do the same. */
export function titleOf({ of }: ServiceMeasurement): string {
  const clients = of.clients === 1 ? 'one client' : `${of.clients} clients`;
  const what = `primes below ${of.below.toLocaleString('en')}, ${clients}`;
  switch (of.test) {
    case 'alone':
    case 'load':
      return what;
    case 'crowd':
      return `${what}, room for ${of.room}`;
    case 'leave':
      return `${what} beside ${of.leaving} who hang up after ${of.patience} ms`;
  }
}
