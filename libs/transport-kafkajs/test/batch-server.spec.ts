import { fatal, transient, SyncError } from '@tributary/kernel';
import { waitFor } from '@tributary/testing';
import { groupLag, type RecordBatch } from '@tributary/transport';
import { Bench, numbered, texts } from './support';

jest.setTimeout(60_000);

describe('BatchServer', () => {
  const bench = new Bench();
  const admin = bench.kafka().admin();
  const publisher = bench.kafka().publisher();

  beforeAll(() => publisher.start());
  afterAll(async () => {
    await publisher.stop();
    await bench.clear();
  });

  const committed = async (groupId: string, topic: string) => {
    const offsets = await admin.groupOffsets(groupId, topic);
    return [...offsets.values()].reduce<bigint>((sum, offset) => sum + (offset ?? 0n), 0n);
  };

  it('hands over whole batches of one partition in order, in slices, and commits them', async () => {
    const { topics } = await bench.pipeline(2);
    await publisher.send(
      topics.validated,
      numbered(500, (at) => `key ${at % 7}`),
    );
    const seen: RecordBatch[] = [];
    const { server, groupId } = await bench.serve({
      topic: topics.validated,
      maxRoundRecords: 100,
      handle: async (batch) => void seen.push(batch),
    });
    await waitFor(() => seen.reduce((sum, { records }) => sum + records.length, 0) === 500);
    await waitFor(async () => (await committed(groupId, topics.validated)) === 500n);
    expect(seen.every(({ records }) => records.length <= 100)).toBe(true);
    expect(seen.length).toBeLessThan(20);
    for (const partition of [0, 1]) {
      const offsets = seen.filter((batch) => batch.partition === partition).flatMap(({ records }) => records);
      expect(offsets.map(({ offset }) => offset)).toEqual(offsets.map((_, at) => String(at)));
    }
    expect(server.state).toMatchObject({ joined: true, trouble: null });
    expect([...server.state.lag.values()]).toEqual([0n, 0n]);
    expect(await groupLag(admin, groupId, topics.validated)).toEqual(
      new Map([
        [0, 0n],
        [1, 0n],
      ]),
    );
  });

  it('R12: nothing is committed before the handler has resolved', async () => {
    const { topics } = await bench.pipeline(1);
    await publisher.send(
      topics.validated,
      numbered(10, () => 'k'),
    );
    let fail: (error: Error) => void = () => undefined;
    const first = await bench.serve({
      topic: topics.validated,
      drainMs: 300,
      handle: () => new Promise<void>((_, reject) => (fail = reject)),
    });
    await waitFor(() => first.server.state.joined);
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(await committed(first.groupId, topics.validated)).toBe(0n);
    // The process ends while the handler is still at work.
    await first.server.close();
    expect(await committed(first.groupId, topics.validated)).toBe(0n);
    fail(new Error('killed in mid-batch'));
    const seen: string[] = [];
    await bench.serve({
      topic: topics.validated,
      groupId: first.groupId,
      handle: async (batch) => void seen.push(...texts(batch)),
    });
    await waitFor(() => seen.length >= 10);
    expect(seen).toEqual(numbered(10, () => 'k').map(({ value }) => value));
  });

  it('R11, R12: a failing batch is not committed, comes again, and holds up its own partition only', async () => {
    const { topics } = await bench.pipeline(2);
    const records = (partition: number) => numbered(5, () => 'k').map((record) => ({ ...record, partition }));
    await publisher.send(topics.validated, [...records(0), ...records(1)]);
    let [failing, tries] = [true, 0];
    const seen: Record<number, string[]> = { 0: [], 1: [] };
    const { server, groupId } = await bench.serve({
      topic: topics.validated,
      handle: async (batch) => {
        if (batch.partition === 0 && failing) {
          tries += 1;
          throw transient('MONGO_DOWN', 'MongoDB does not answer.');
        }
        seen[batch.partition]!.push(...texts(batch));
      },
    });
    await waitFor(() => tries >= 3 && seen[1]!.length === 5);
    await publisher.send(topics.validated, records(1));
    await waitFor(() => seen[1]!.length === 10);
    expect(server.state.trouble).toBe('MongoDB does not answer.');
    const offsets = await admin.groupOffsets(groupId, topics.validated);
    expect(offsets.get(0)).toBeUndefined();
    failing = false;
    await waitFor(() => seen[0]!.length >= 5);
    expect(seen[0]).toEqual(['0', '1', '2', '3', '4']);
    await waitFor(() => server.state.trouble === null);
    await waitFor(async () => (await committed(groupId, topics.validated)) === 15n);
    expect(bench.log.lines.filter(({ code }) => code === 'MONGO_DOWN').length).toBeGreaterThanOrEqual(3);
  });

  it('a TypeError in a handler, deadly to the client, does not end the consumer', async () => {
    const { topics } = await bench.pipeline(1);
    await publisher.send(
      topics.validated,
      numbered(3, () => 'k'),
    );
    let tries = 0;
    const { server } = await bench.serve({
      topic: topics.validated,
      handle: async () => {
        tries += 1;
        if (tries < 3) (undefined as unknown as { call(): void }).call();
      },
    });
    await waitFor(() => tries === 3 && server.state.trouble === null);
    const line = bench.log.lines.find(({ err }) => err instanceof TypeError);
    expect(line).toMatchObject({
      level: 'error',
      topic: topics.validated,
      partition: 0,
      offset: '0',
      records: 3,
    });
  });

  it('a fatal SyncError passes through Nest intact, is logged once and ends the process', async () => {
    const { topics } = await bench.pipeline(1);
    await publisher.send(
      topics.validated,
      numbered(3, () => 'k'),
    );
    const ends: SyncError[] = [];
    const problem = fatal('RIGHTS', 'The account may not write.');
    const { server, groupId } = await bench.serve({
      topic: topics.validated,
      onFatal: (error) => void ends.push(error),
      handle: async () => {
        throw problem;
      },
    });
    await waitFor(() => ends.length > 0);
    await server.close();
    expect(ends).toEqual([problem]);
    expect(ends[0]).toBeInstanceOf(SyncError);
    expect(bench.log.lines.filter(({ message }) => message === 'The account may not write.')).toHaveLength(1);
    expect(await committed(groupId, topics.validated)).toBe(0n);
    expect(server.state).toMatchObject({ joined: false, trouble: 'The account may not write.' });
  });

  it('close lets the running handler finish and commits it; idle it takes well under a second', async () => {
    const { topics } = await bench.pipeline(1);
    await publisher.send(
      topics.validated,
      numbered(10, () => 'k'),
    );
    let [begun, ended] = [false, false];
    const busy = await bench.serve({
      topic: topics.validated,
      handle: async () => {
        begun = true;
        await new Promise((resolve) => setTimeout(resolve, 1500));
        ended = true;
      },
    });
    await waitFor(() => begun);
    await busy.server.close();
    expect(ended).toBe(true);
    expect(await committed(busy.groupId, topics.validated)).toBe(10n);

    const idle = await bench.serve({
      topic: topics.validated,
      groupId: busy.groupId,
      handle: async () => undefined,
    });
    await waitFor(() => idle.server.state.joined);
    const start = Date.now();
    await idle.server.close();
    expect(Date.now() - start).toBeLessThan(900);
  });

  it('R12: goes back to where a target that lost its tail stands, and commits that', async () => {
    const { topics } = await bench.pipeline(2);
    const records = (partition: number) =>
      numbered(10, () => 'k').map((record) => ({ ...record, partition }));
    await publisher.send(topics.validated, [...records(0), ...records(1)]);
    const first = await bench.serve({ topic: topics.validated, handle: async () => undefined });
    const { groupId } = first;
    await waitFor(async () => (await committed(groupId, topics.validated)) === 20n);
    await first.server.close();

    const seen: Record<number, string[]> = { 0: [], 1: [] };
    const asked: Map<string, number[]>[] = [];
    const second = await bench.serve({
      topic: topics.validated,
      groupId,
      onAssigned: async (assignment) => {
        asked.push(assignment);
        if (asked.length === 1) throw transient('TARGET_DOWN', 'The target does not answer.');
        return new Map([
          [
            topics.validated,
            new Map([
              [0, 4n],
              [1, 99n],
            ]),
          ],
        ]);
      },
      handle: async (batch) => void seen[batch.partition]!.push(...texts(batch)),
    });
    await waitFor(() => seen[0]!.length >= 6);
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(seen).toEqual({ 0: ['4', '5', '6', '7', '8', '9'], 1: [] });
    expect(asked[1]!.get(topics.validated)).toEqual([0, 1]);
    await waitFor(async () => (await committed(groupId, topics.validated)) === 20n);

    await second.server.rewind(topics.validated, 1, 7n);
    await waitFor(() => seen[1]!.length >= 3);
    expect(seen[1]).toEqual(['7', '8', '9']);
  });

  it('says that events were lost when retention was faster, and goes on', async () => {
    const { topics } = await bench.pipeline(1);
    await publisher.send(
      topics.validated,
      numbered(5, () => 'k'),
    );
    const first = await bench.serve({ topic: topics.validated, handle: async () => undefined });
    await waitFor(async () => (await committed(first.groupId, topics.validated)) === 5n);
    await first.server.close();
    await publisher.send(
      topics.validated,
      numbered(10, () => 'k', 5),
    );
    const client = bench.kafka().client.admin();
    await client.connect();
    await client.fetchTopicOffsets(topics.validated);
    await client.deleteTopicRecords({
      topic: topics.validated,
      partitions: [{ partition: 0, offset: '12' }],
    });
    await client.disconnect();
    const seen: string[] = [];
    await bench.serve({
      topic: topics.validated,
      groupId: first.groupId,
      handle: async (batch) => void seen.push(...texts(batch)),
    });
    await waitFor(() => seen.length >= 3);
    expect(seen).toEqual(['12', '13', '14']);
    expect(
      bench.log.lines.find(({ event, topic }) => event === 'events-lost' && topic === topics.validated),
    ).toMatchObject({
      level: 'error',
      partition: 0,
      groupId: first.groupId,
      message: expect.stringContaining('were lost'),
    });
  });
});
