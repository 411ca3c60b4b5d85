import { setTimeout as sleep } from 'node:timers/promises';
// @ts-expect-error kafkajs has no types for its inside
import RequestQueue from 'kafkajs/src/network/requestQueue/index.js';
import { mendFrequentTimeoutCheck } from './frequent-timeout-check';

let checks = 0;
const queue = (requestTimeout: number) =>
  new RequestQueue({
    ...{ maxInFlightRequests: 1, requestTimeout, enforceRequestTimeout: true },
    ...{ clientId: 'me', broker: 'b', logger: { debug() {}, warn() {} } },
    isConnected: () => ++checks > 0,
  });

it('still needed: a connection wakes the process ten times a second to see whether a request is late', async () => {
  const wakes = async () => {
    const idle = queue(30_000);
    checks = 0;
    idle.scheduleRequestTimeoutCheck();
    await sleep(1_150);
    idle.destroy();
    return checks;
  };
  expect(await wakes()).toBeGreaterThan(5);
  mendFrequentTimeoutCheck();
  expect(await wakes()).toBe(1);
});

it('a request that takes longer than it may is given up', async () => {
  mendFrequentTimeoutCheck();
  const late = queue(100);
  late.scheduleRequestTimeoutCheck();
  const error = await new Promise<Error>((resolve) =>
    late.push({
      entry: {
        ...{ correlationId: 1, apiName: 'Metadata', apiKey: 3, apiVersion: 1 },
        ...{ resolve: () => undefined, reject: resolve },
      },
      expectResponse: true,
      sendRequest: () => undefined,
    }),
  );
  late.destroy();
  expect(error.message).toMatch(/timed out/);
});
