// @ts-expect-error kafkajs has no types for its inside; `Queue` below says what is used of it
import RequestQueue from 'kafkajs/src/network/requestQueue/index.js';

interface InflightRequest {
  readonly sentAt: number;
  readonly requestTimeout: number;
  timeoutRequest(): void;
}

/** The members of kafkajs's request queue that this mends; one queue belongs to each broker connection. */
interface Queue {
  readonly enforceRequestTimeout: boolean;
  readonly requestTimeout: number;
  requestTimeoutIntervalId: NodeJS.Timeout;
  readonly inflight: ReadonlyMap<number, InflightRequest>;
  readonly isConnected: () => boolean;
  destroy(): void;
}

const CHECK_MS = 1000;

/**
 * kafkajs 2.2.4 looks ten times a second, for every connection, whether a request has taken longer than it may, which is many
 * seconds: a service with eight connections wakes eighty times a second, half of what it costs at rest (measured with
 * strace and schedstat). Once a second is soon enough.
 */
export function mendFrequentTimeoutCheck(): void {
  const prototype = (RequestQueue as { prototype: { scheduleRequestTimeoutCheck(this: Queue): void } })
    .prototype;
  prototype.scheduleRequestTimeoutCheck = function schedule() {
    if (!this.enforceRequestTimeout) return;
    this.destroy();
    this.requestTimeoutIntervalId = setInterval(
      () => {
        for (const request of [...this.inflight.values()])
          if (Date.now() - request.sentAt > request.requestTimeout) request.timeoutRequest();
        if (!this.isConnected()) this.destroy();
      },
      Math.min(this.requestTimeout, CHECK_MS),
    );
  };
}
