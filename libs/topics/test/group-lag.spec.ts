import { SyncError } from '@tributary/kernel';
import { uniqueName, waitFor } from '@tributary/testing';
import type { GroupReader, HandleRound } from '@tributary/transport';
import { GroupLag } from '../src';
import { Pipelines } from './support';

jest.setTimeout(60_000);

describe('GroupLag', () => {
  const bench = new Pipelines();
  const publisher = bench.kafka().publisher();
  const groups: GroupReader[] = [];

  afterAll(async () => {
    await Promise.all(groups.map((group) => group.close()));
    await publisher.stop();
    await bench.clear();
  });

  const read = async (groupId: string, topic: string, handle: HandleRound) => {
    const group = bench.kafka().group({
      ...{ groupId, handle, topics: () => [topic], retryDelay: { firstMs: 50, maxMs: 200 } },
      ...{ maxBytesPerPartition: 2 ** 19, maxBytesPerFetch: 2 ** 21, maxRoundRecords: 2000 },
      ...{
        maxWaitMs: 400,
        keepsBatches: false,
        roundEveryMs: 5,
        commitEveryMs: 100,
        drainMs: 8000,
        sessionTimeoutMs: 10_000,
      },
      onFatal: () => undefined,
    });
    groups.push(group);
    await group.start();
    return group;
  };

  it('tells how far the slowest group is behind that has members', async () => {
    const topic = (await bench.pipeline(2)).topics.validated;
    const [fast, slow, nobody] = ['fast', 'slow', 'nobody'].map((name) => uniqueName(`topics_${name}`));
    await publisher.send(
      topic,
      Array.from({ length: 10 }, (_, at) => ({ key: `k${at}`, value: 'v' })),
    );
    let done = 0;
    let open = false;
    await read(fast!, topic, async (round) => {
      for (const { records } of round) done += records.length;
    });
    const lag = new GroupLag(
      bench.kafka(),
      [fast, slow, nobody].map((group) => ({ group: group!, topic })),
    );
    await waitFor(async () => done === 10 && (await lag.read()) === 0, { timeoutMs: 30_000 });
    const reader = await read(slow!, topic, async () => {
      if (!open) throw new SyncError('retry', 'TEST', 'not yet');
    });
    await waitFor(() => reader.state.joined, { timeoutMs: 30_000 });
    expect(await lag.read()).toBe(10);
    expect(lag.slowest).toBe(slow);
    open = true;
    await waitFor(async () => (await lag.read()) === 0, { timeoutMs: 30_000 });
    await lag.close();
  });
});
