import { setTimeout as sleep } from 'node:timers/promises';
// @ts-expect-error kafkajs has no types for its inside
import RequestQueue from 'kafkajs/src/network/requestQueue/index.js';
import { mendIdleQueueTimer } from './idle-queue-timer';

const queue = () =>
  new RequestQueue({
    ...{ maxInFlightRequests: 1, requestTimeout: 1000, enforceRequestTimeout: false },
    ...{ clientId: 'me', broker: 'b', logger: { debug() {}, warn() {} } },
  });

it('still needed: a request queue of the client wakes the process though nothing waits in it', async () => {
  const wakes = async () => {
    const idle = queue();
    const check = jest.spyOn(idle, 'checkPendingRequests');
    idle.checkPendingRequests();
    await sleep(200);
    idle.destroy();
    return check.mock.calls.length - 1;
  };
  expect(await wakes()).toBeGreaterThan(20);
  mendIdleQueueTimer();
  expect(await wakes()).toBe(0);
});

it('a request that was throttled is sent when it may be', async () => {
  mendIdleQueueTimer();
  const throttled = queue();
  throttled.maybeThrottle(50);
  const asked = Date.now();
  const sentAt = await new Promise<number>((resolve) =>
    throttled.push({
      entry: { correlationId: 1, resolve: () => undefined, reject: () => undefined },
      expectResponse: false,
      sendRequest: () => resolve(Date.now()),
    }),
  );
  throttled.destroy();
  expect(sentAt - asked).toBeGreaterThanOrEqual(49);
});
