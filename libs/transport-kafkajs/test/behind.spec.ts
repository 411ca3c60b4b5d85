import { waitFor } from '@tributary/testing';
import type { Consumer } from 'kafkajs';
import type { Round } from '@tributary/transport';
import { Bench, texts } from './support';

jest.setTimeout(120_000);

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const PARTITIONS = 3;
const LOADED = 30_000;

describe('a server that stands behind another one', () => {
  const bench = new Bench();
  const publisher = bench.kafka().publisher();

  beforeAll(() => publisher.start());
  afterAll(async () => {
    await publisher.stop();
    await bench.clear();
  });

  const spread = (count: number, from = 0) =>
    Array.from({ length: count }, (_, at) => ({
      ...{ key: 'k', partition: at % PARTITIONS, value: String(from + at) },
    }));
  const recordsOf = (round: Round) => round.reduce((sum, { records }) => sum + records.length, 0);

  /** What has begun and ended, in order; a round of the other topic takes as long as its records. */
  async function both(workMs: (records: number) => number) {
    const { topics } = await bench.pipeline(PARTITIONS);
    const loaded = { records: 0, rounds: 0, running: 0 };
    const lived: { value: string; behind: number; rounds: number }[] = [];
    /** Rounds of loads that began while the live topic had work. */
    const early: string[] = [];
    const kafka = bench.kafka();
    const live = await bench.serve({
      ...{ transport: kafka, topic: topics.validated },
      handleRound: async (round) => {
        await sleep(2);
        for (const value of round.flatMap(texts))
          lived.push({ value, behind: loaded.records, rounds: loaded.rounds });
      },
    });
    const loads = await bench.serve({
      ...{ transport: kafka, topic: topics.changes, behind: live.server },
      handleRound: async (round) => {
        if (live.server.work.isThere) early.push(`round ${loaded.rounds}`);
        loaded.running += 1;
        await sleep(workMs(recordsOf(round)));
        loaded.records += recordsOf(round);
        loaded.rounds += 1;
        loaded.running -= 1;
      },
    });
    return { topics, live, loads, loaded, lived, early };
  }

  it('lets a live record pass after one small round at most, and goes at full speed beside none', async () => {
    const { topics, loaded, lived, early } = await both((records) => records / 20);
    await publisher.send(topics.changes, spread(LOADED));
    const written: number[] = [];
    for (let nth = 0; nth < 5; nth += 1) {
      const from = loaded.records;
      await waitFor(() => loaded.records > from + 2_000, { timeoutMs: 60_000, everyMs: 5 });
      written.push(loaded.rounds);
      await publisher.send(topics.validated, [{ key: 'k', partition: nth % PARTITIONS, value: String(nth) }]);
      await waitFor(() => lived.length === nth + 1, { everyMs: 5 });
    }
    const [rounds] = [lived.map(({ rounds: seen }, nth) => seen - written[nth]!)];
    // The broker's answers and the clock of this machine are not ours: a few rounds are far from all that wait.
    for (const passed of rounds) expect(passed).toBeLessThanOrEqual(3);
    expect(lived.at(-1)!.behind).toBeLessThan(LOADED / 2);
    await waitFor(() => loaded.records === LOADED, { timeoutMs: 60_000 });
    expect(early).toEqual([]);
    // 50 ms of work at 20 records a ms.
    expect(LOADED / loaded.rounds).toBeGreaterThan(300);
  });

  it('begins no round while live records wait, however long that takes', async () => {
    const { topics, loaded, lived, early, live } = await both(() => 1);
    await waitFor(() => !live.server.work.isThere);
    await Promise.all([
      publisher.send(topics.validated, spread(20_000)),
      publisher.send(topics.changes, spread(5_000)),
    ]);
    await waitFor(() => loaded.records === 5_000, { timeoutMs: 60_000, everyMs: 5 });
    expect(early).toEqual([]);
    await waitFor(() => lived.length === 20_000);
  });

  it('R12: is closed at once while it waits, and what waited comes to the next one', async () => {
    const { topics } = await bench.pipeline(PARTITIONS);
    const kafka = bench.kafka();
    const never = { isThere: true, quietMs: 0, onEnd: () => undefined };
    const seen: string[] = [];
    const first = await bench.serve({
      ...{ transport: kafka, topic: topics.changes, behind: { work: never } },
      handleRound: async () => void seen.push('too early'),
    });
    await publisher.send(topics.changes, spread(500));
    await waitFor(() => first.server.state.lag.size > 0);
    await sleep(500);
    // Waiting for others is none.
    expect(first.server.state.trouble).toBeNull();
    const began = performance.now();
    await first.server.close();
    expect(performance.now() - began).toBeLessThan(2_000);
    const second = await bench.serve({
      ...{ transport: bench.kafka(), topic: topics.changes, groupId: first.groupId },
      handleRound: async (round) => void seen.push(...round.flatMap(texts)),
    });
    await waitFor(() => seen.length === 500, { timeoutMs: 30_000 });
    await second.server.close();
  });

  it('a rebalance of the one stops the other no longer than its own does', async () => {
    const { topics, lived, loads } = await both(() => 1);
    let sending = true;
    const sender = (async () => {
      for (let nth = 0; sending; nth += 1) {
        await publisher.send(topics.validated, [
          { key: 'k', partition: nth % PARTITIONS, value: String(performance.now()) },
        ]);
        await sleep(5);
      }
    })();
    let last = performance.now();
    let longest = 0;
    const watch = setInterval(() => {
      const newest = Number(lived.at(-1)?.value ?? last);
      longest = Math.max(longest, performance.now() - newest);
      last = newest;
    }, 20);
    await waitFor(() => lived.length > 20);
    longest = 0;
    for (let nth = 0; nth < 2; nth += 1) {
      const other = await bench.serve({
        ...{ transport: bench.kafka(), topic: topics.changes, groupId: loads.groupId },
        handleRound: async () => undefined,
      });
      await waitFor(() => other.server.state.joined, {
        timeoutMs: 30_000,
      });
      await other.server.close();
    }
    clearInterval(watch);
    sending = false;
    await sender;
    expect(longest).toBeLessThan(1_000);
  });

  it('costs a fetch for each wait of its own while there is nothing to read', async () => {
    const { topics } = await bench.pipeline(PARTITIONS);
    const kafka = bench.kafka();
    const live = await bench.serve({
      ...{ transport: kafka, topic: topics.validated },
      handleRound: async () => undefined,
    });
    const loads = await bench.serve({
      ...{ transport: kafka, topic: topics.changes, behind: live.server, maxWaitMs: 1000 },
      handleRound: async () => undefined,
    });
    await waitFor(() => loads.server.state.joined && !live.server.work.isThere, { timeoutMs: 30_000 });
    const requests: string[] = [];
    const { consumer } = loads.server.unwrap<{ consumer: Consumer }>();
    consumer.on(consumer.events.REQUEST, ({ payload }) => void requests.push(payload.apiName));
    await sleep(6_000);
    expect(requests.filter((name) => name === 'Fetch').length).toBeLessThanOrEqual(7);
    // A heartbeat each 3 s.
    expect(requests.length).toBeLessThanOrEqual(10);
  });
});
