/**
 * The work that every contestant does, as plain functions.
 *
 * Each stands alone (no imports, no outer names): some rivals send a function as its text.
 * @module
 */
import type { Person } from '../contestant.ts';

/** Two numbers there, one back. */
export function add(a: number, b: number): number {
  return a + b;
}

/** An object with strings there, a changed one back. */
export function greet(person: Person): Person {
  return { id: person.id + 1, name: person.name, city: person.city, email: person.email };
}

/** A string there and back. */
export function text(value: string): string {
  return value;
}

/** A byte array there and back. */
export function bytes(value: Uint8Array): Uint8Array {
  return value;
}

/** The length of a byte array that now belongs here; a byte of it is read, so that it must have arrived. */
export function take(value: Uint8Array): number {
  return value.length + (value[0] ?? 0);
}

/** Arithmetic that no compiler can leave out: xorshift32, `rounds` times. */
export function burn(rounds: number): number {
  let x = 2463534242;
  for (let i = 0; i < rounds; i++) {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
  }
  return x >>> 0;
}

/** What `map` does to each number. */
export function square(x: number): number {
  return x * x;
}
