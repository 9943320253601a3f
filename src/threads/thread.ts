/**
 * `Thread`: a function on a thread of its own.
 * @module
 */
import { Activity, type ActivityOptions, type Target } from '../workers/activity.ts';
import type { WorkerBackend } from '../workers/worker-backend.ts';
import { threadBackend } from './thread-backend.ts';

/**
 * A function on a thread of its own: parallel, and sharing memory with this one.
 *
 * Give it a function and arguments, or extend it and override `run`. Any function will do: an export, or a closure with
 * what it captures. Captured variables are copied; what is to be shared goes through a `SharedArrayBuffer`.
 *
 * **Python** `threading.Thread`; `join` also returns the result.
 *
 * @example
 * const thread = new Thread((a, b) => a + b, [1, 2]);
 * thread.start();
 * console.log(await thread.join()); // 3
 */
export class Thread<T = unknown, A extends readonly unknown[] = readonly unknown[]> extends Activity<T> {
  constructor(target?: Target<A, T>, args?: A, options?: ActivityOptions) {
    super(target, args, options);
  }

  protected override backend(): WorkerBackend {
    return threadBackend;
  }

  /** Number of the thread in this process, once started: Node's `threadId`. Never given twice. **Python** `ident`. */
  get ident(): number | undefined {
    return this.task?.handle.threadId;
  }

  /** As `ident`, by Node's name. */
  get threadId(): number | undefined {
    return this.ident;
  }

  /** Number of the thread in the system, once it has booted (Linux); also after its end. **Python** `native_id`. */
  get nativeId(): number | undefined {
    return this.task?.handle.nativeId;
  }

  /** Exit code of the thread: 0, 1 after an uncaught error or when it was asked to end; null while it runs. */
  get exitCode(): number | null {
    return this.exit?.exitCode ?? null;
  }
}
