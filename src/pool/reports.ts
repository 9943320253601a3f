/**
 * What a task says before it has ended: that it was started, how far it is, items of its stream.
 * @module
 */
import { callSafely } from '../errors/uncaught.ts';
import { FAILED, PROGRESS, STARTED } from '../workers/messages.ts';
import type { Reporter, Seat } from './dispatcher.ts';
import type { TaskDetail } from './task-table.ts';

/** Takes the reports of one task. */
export function reporterOf(detail: TaskDetail, id: number, seat: Seat, onStarted: () => void): Reporter {
  const { stream, onProgress } = detail;
  return (status, extra, value) => {
    if (status === STARTED) {
      onStarted();
      stream?.onStarted(id, seat);
    } else if (status === PROGRESS) {
      // A large report goes another way than a small one and may be overtaken; what is old by then interests nobody.
      if (onProgress === undefined || extra <= (detail.progressed ?? 0)) return;
      detail.progressed = extra;
      void callSafely('onProgress', () => onProgress(value));
    } else if (status === FAILED) {
      stream?.onBroken(value);
    } else {
      stream?.onItem(extra, value);
    }
  };
}
