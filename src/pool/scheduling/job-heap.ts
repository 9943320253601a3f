/**
 * Jobs that wait, the most urgent first.
 *
 * How it works  A binary heap by `order`, and by age where that is the same. Given-up jobs are left in it and passed over when
 *               their turn comes.
 * Source        J. W. J. Williams, "Algorithm 232: Heapsort", 1964.
 * @module
 */
/** What the heap looks at. */
export interface Queued {
  /** When its turn is; less is sooner. */
  readonly order: number;
  /** Place among those that were submitted. */
  readonly number: number;
  readonly state: string;
}

const isBefore = (a: Queued, b: Queued): boolean => a.order < b.order || (a.order === b.order && a.number < b.number);

/** Waiting jobs. */
export class JobHeap<J extends Queued> {
  readonly #jobs: J[] = [];

  /** The most urgent one. */
  peek(): J | undefined {
    while (this.#jobs.length > 0 && this.#jobs[0]?.state !== 'waiting') this.#take();
    return this.#jobs[0];
  }

  /** Takes the most urgent one out. */
  pop(): J | undefined {
    const job = this.peek();
    if (job !== undefined) this.#take();
    return job;
  }

  push(job: J): void {
    const jobs = this.#jobs;
    let at = jobs.length;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = jobs[parent] as J;
      if (!isBefore(job, above)) break;
      jobs[at] = above;
      at = parent;
    }
    jobs[at] = job;
  }

  #take(): void {
    const jobs = this.#jobs;
    const last = jobs.pop() as J;
    const { length } = jobs;
    if (length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= length) break;
      if (child + 1 < length && isBefore(jobs[child + 1] as J, jobs[child] as J)) child += 1;
      if (!isBefore(jobs[child] as J, last)) break;
      jobs[at] = jobs[child] as J;
      at = child;
    }
    jobs[at] = last;
  }
}
