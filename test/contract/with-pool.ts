/**
 * A pool for the time of one test.
 * @module
 */
import { Pool, type PoolOptions } from '../../src/index.ts';

/** Runs a test's body with a pool; closes it after success, ends it after failure. */
export async function withPool(options: PoolOptions, body: (pool: Pool) => Promise<void>): Promise<void> {
  const pool = new Pool(options);
  try {
    await body(pool);
  } catch (error) {
    await pool.terminate();
    throw error;
  }
  await pool.close();
}

/** The reason with which a promise rejects; fails when it resolves. */
export async function rejection(promise: PromiseLike<unknown>): Promise<unknown> {
  let value: unknown;
  try {
    value = await promise;
  } catch (error) {
    return error;
  }
  throw new Error(`Expected a rejection, got ${String(value)}.`);
}

/** The `code` of what a promise rejects with. */
export async function rejectionCode(promise: PromiseLike<unknown>): Promise<unknown> {
  const error = await rejection(promise);
  if (!(error instanceof Error)) throw new Error(`Expected an error, got ${String(error)}.`);
  return (error as { readonly code?: unknown }).code;
}
