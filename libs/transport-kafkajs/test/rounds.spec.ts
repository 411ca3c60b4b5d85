import { transient } from '@tributary/kernel';
import { oneOf, SeededRandom, uniqueName, waitFor } from '@tributary/testing';
import type { Consumer } from 'kafkajs';
import type { Outcome, Positions, Round } from '@tributary/transport';
import { Bench, texts } from './support';

jest.setTimeout(180_000);

const PARTITIONS = 12;
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe('rounds', () => {
  const bench = new Bench();
  const admin = bench.kafka().admin();
  const publisher = bench.kafka().publisher();

  beforeAll(() => publisher.start());
  afterAll(async () => {
    await publisher.stop();
    await bench.clear();
  });

  /** `count` records in each partition, numbered from `from` on. */
  const toAll = (count: number, from: number) =>
    Array.from({ length: PARTITIONS * count }, (_, at) => ({
      ...{ key: 'k', partition: at % PARTITIONS, value: String(from + Math.floor(at / PARTITIONS)) },
    }));
  /** By partition; the broker tells them in any order. */
  const committed = async (groupId: string, topic: string) => {
    const offsets = await admin.groupOffsets(groupId, topic);
    return Array.from({ length: PARTITIONS }, (_, partition) => Number(offsets.get(partition) ?? 0n));
  };

  it('what comes in all partitions at once is one round, noted once and committed in one request', async () => {
    const { topics } = await bench.pipeline(PARTITIONS);
    const rounds: number[][] = [];
    const notes: Positions[] = [];
    const { server, groupId } = await bench.serve({
      topic: topics.validated,
      handleRound: async (round) => void rounds.push(round.map(({ partition }) => partition)),
      beforeCommit: async (positions) => void notes.push(positions),
    });
    await waitFor(() => server.state.joined, { timeoutMs: 30_000 });
    await publisher.send(topics.validated, toAll(1, 0));
    await waitFor(async () => (await committed(groupId, topics.validated)).every((offset) => offset === 1));
    [rounds.length, notes.length] = [0, 0];
    const requests: string[] = [];
    const consumer = server.unwrap<{ consumer: Consumer }>().consumer;
    consumer.on(consumer.events.REQUEST, ({ payload }) => void requests.push(payload.apiName));
    await publisher.send(topics.validated, toAll(20, 1));
    await waitFor(async () => (await committed(groupId, topics.validated)).every((offset) => offset === 21));
    // The broker may answer a fetch before the last partition of the request is written.
    expect(rounds.length).toBeLessThanOrEqual(3);
    expect(rounds.flat().length).toBeLessThanOrEqual(PARTITIONS * 3);
    expect(notes).toHaveLength(1);
    expect(notes[0]!.get(topics.validated)!.size).toBe(PARTITIONS);
    expect(requests.filter((name) => name === 'OffsetCommit')).toHaveLength(1);
  });

  it.each(oneOf(1, 2, 3))(
    'R3, R12: whatever fails, comes and goes, each partition is handled whole and in order (seed %i)',
    async (seed) => {
      const random = new SeededRandom(seed);
      const { topics } = await bench.pipeline(PARTITIONS);
      const topic = topics.validated;
      const groupId = uniqueName('kafkalib_group');
      const count = 150;
      /** By partition, every record that was handled and confirmed, in that order. */
      const seen = Array.from({ length: PARTITIONS }, (): number[] => []);
      const noted = new Array<number>(PARTITIONS).fill(0);
      const faults: string[] = [];
      const maybe = (part: number, what: string) => {
        if (random.next() < part) throw transient('TEST', what);
      };
      const take = async (round: Round): Promise<Outcome[] | void> => {
        await sleep(random.next() * 20);
        maybe(0.1, 'the round fails');
        return Promise.allSettled(
          round.map(async (batch) => {
            maybe(0.05, 'the batch fails');
            seen[batch.partition]!.push(...texts(batch).map(Number));
          }),
        );
      };
      const serve = () =>
        bench.serve({
          ...{
            topic,
            groupId,
            maxRoundRecords: 40,
            commitEveryMs: 50,
            retryDelay: { firstMs: 5, maxMs: 20 },
          },
          handleRound: take,
          beforeCommit: async (positions) => {
            const offsets = await committed(groupId, topic);
            offsets.forEach((offset, partition) => {
              if (offset > noted[partition]!)
                faults.push(`${partition}: ${offset} was committed before noted`);
            });
            maybe(0.2, 'the note fails');
            for (const [partition, next] of positions.get(topic)!) {
              const done = new Set(seen[partition]);
              for (let at = 0; at < Number(next); at += 1)
                if (!done.has(at)) faults.push(`${partition}: ${at} of ${next} is committed and not handled`);
              noted[partition] = Math.max(noted[partition]!, Number(next));
            }
          },
        });
      const first = await serve();
      for (let from = 0; from < count; from += 50) await publisher.send(topic, toAll(50, from));
      const second = await serve();
      await sleep(random.next() * 2000);
      await first.server.close();
      const third = await serve();
      await sleep(random.next() * 1000);
      if (random.next() < 0.5) await second.server.close();
      await waitFor(async () => (await committed(groupId, topic)).every((offset) => offset === count), {
        ...{ timeoutMs: 90_000, everyMs: 200 },
      });
      await third.server.close();
      expect(faults).toEqual([]);
      for (const values of seen) {
        // Repeats go back and then on: what is new is always the next one.
        let next = 0;
        for (const value of values) {
          expect(value).toBeLessThanOrEqual(next);
          next = Math.max(next, value + 1);
        }
        expect(next).toBe(count);
      }
    },
  );
});
