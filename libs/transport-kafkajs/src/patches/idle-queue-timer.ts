// @ts-expect-error kafkajs has no types for its inside; `Queue` below says what is used of it
import RequestQueue from 'kafkajs/src/network/requestQueue/index.js';

/** The members of kafkajs's request queue that this mends; one queue belongs to each broker connection. */
interface Queue {
  throttledUntil: number;
  throttleCheckTimeoutId: NodeJS.Timeout | null;
  readonly pending: readonly unknown[];
  checkPendingRequests(): void;
}

const BUSY_RETRY_MS = 10;

/**
 * kafkajs 2.2.4 arms the timer that looks after throttled requests even when none is waiting, with a negative delay
 * that node turns into 1 ms: every connection then wakes the process a thousand times a second for ever (2 % of a
 * core each, measured with strace). A queue without waiting requests needs no timer: the next request is either
 * sent at once or becomes a waiting one.
 */
export function mendIdleQueueTimer(): void {
  const prototype = (RequestQueue as { prototype: { scheduleCheckPendingRequests(this: Queue): void } })
    .prototype;
  prototype.scheduleCheckPendingRequests = function schedule() {
    if (this.throttleCheckTimeoutId || this.pending.length === 0) return;
    const throttledMs = this.throttledUntil - Date.now();
    this.throttleCheckTimeoutId = setTimeout(
      () => {
        this.throttleCheckTimeoutId = null;
        this.checkPendingRequests();
      },
      throttledMs > 0 ? throttledMs : BUSY_RETRY_MS,
    );
  };
}
