/**
 * Times round trips, one after another, and says what one takes.
 * @module
 */
import assert from 'node:assert/strict';
import type { Figures } from '../harness/measurement.ts';
import { quantile } from '../harness/statistics.ts';
import { WARM } from './runs.ts';

/** The median and the 99th percentile, in microseconds. */
export function timeTrips(trip: (value: number) => number, atLeast: number): Figures {
  repeat(trip, WARM);
  return figuresOf(repeat(trip, atLeast));
}

/** The same of awaited round trips. */
export async function timeAwaitedTrips(trip: (value: number) => Promise<number>, atLeast: number): Promise<Figures> {
  await repeatAwaited(trip, WARM);
  return figuresOf(await repeatAwaited(trip, atLeast));
}

function repeat(trip: (value: number) => number, atLeast: number): number[] {
  const trips: number[] = [];
  let now = performance.now();
  for (const end = now + atLeast; now < end; ) {
    const from = now;
    const value = trip(trips.length);
    now = performance.now();
    assert.equal(value, trips.length);
    trips.push((now - from) * 1000);
  }
  return trips;
}

async function repeatAwaited(trip: (value: number) => Promise<number>, atLeast: number): Promise<number[]> {
  const trips: number[] = [];
  let now = performance.now();
  for (const end = now + atLeast; now < end; ) {
    const from = now;
    const value = await trip(trips.length);
    now = performance.now();
    assert.equal(value, trips.length);
    trips.push((now - from) * 1000);
  }
  return trips;
}

function figuresOf(trips: readonly number[]): Figures {
  const us = quantile(trips, 0.5);
  return { us, p50Us: us, p99Us: quantile(trips, 0.99), trips: trips.length };
}
