/** A module that takes its time to load. @module */
await new Promise((resolve) => setTimeout(resolve, 200));

/** Something to come back from a worker. */
export class Slow {
  readonly x = 1;
}
