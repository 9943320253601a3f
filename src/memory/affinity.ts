/**
 * Cores that a thread or process may run on (Linux).
 *
 * How it works  What is started takes over the cores of the thread that starts it; so this thread goes there, starts it, and comes back. No
 *               instruction of the new one runs anywhere else, and nothing has to be asked of it.
 * @module
 */
import { UnsupportedPlatformError } from '../errors/sync-errors.ts';
import { linux, type LinuxSystem } from './system/linux.ts';

/** Bytes of a mask: 1,024 cores. */
const MASK_BYTES = 128;

/**
 * Starts something that shall run on these cores only.
 *
 * @throws UnsupportedPlatformError `ERR_UNSUPPORTED_PLATFORM`
 * @throws Error EINVAL when there is none of these cores
 */
export function startedOn<T>(cores: readonly number[] | undefined, start: () => T): T {
  if (cores === undefined) return start();
  const system = loaded();
  const before = new Uint8Array(MASK_BYTES);
  const mask = new Uint8Array(MASK_BYTES);
  for (const core of cores) mask[core >> 3] = (mask[core >> 3] as number) | (1 << (core & 7));
  system.getAffinity(before);
  system.setAffinity(mask);
  try {
    return start();
  } finally {
    system.setAffinity(before);
  }
}

function loaded(): LinuxSystem {
  try {
    return linux();
  } catch (cause) {
    throw new UnsupportedPlatformError("affinity needs Linux on x64 or arm64, and the package 'koffi'.", { cause });
  }
}
