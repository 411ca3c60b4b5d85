import { groupLag, readTail } from '@tributary/transport';
import { Bench, numbered } from './support';

jest.setTimeout(60_000);

describe('topics', () => {
  const bench = new Bench();
  const admin = bench.kafka().admin();
  const publisher = bench.kafka().publisher();

  beforeAll(() => publisher.start());
  afterAll(async () => {
    await publisher.stop();
    await bench.clear();
  });

  it('measures watermarks and the lag of a group that has read nothing', async () => {
    const { topics } = await bench.pipeline(2);
    await publisher.send(
      topics.changes,
      numbered(10, () => 'k').map((record) => ({ ...record, partition: 1 })),
    );
    expect(await admin.watermarks(topics.changes)).toEqual(
      new Map([
        [0, { low: 0n, high: 0n }],
        [1, { low: 0n, high: 10n }],
      ]),
    );
    expect(await groupLag(admin, 'nobody', topics.changes)).toEqual(
      new Map([
        [0, 0n],
        [1, 10n],
      ]),
    );
    expect(await admin.groupMembers(['nobody'])).toEqual(new Map([['nobody', 0]]));
    await admin.ping();
  });

  it('an admin that is kept open asks over one connection, and connects anew after trouble', async () => {
    const { topics } = await bench.pipeline(1);
    const proxy = await bench.proxy();
    const kafka = bench.kafka(proxy.address);
    const connections = jest.spyOn(kafka.client, 'admin');
    const kept = kafka.admin({ keepOpen: true });
    await Promise.all([kept.topics(), kept.watermarks(topics.changes), kept.ping()]);
    expect(await kept.partitionCounts([topics.changes, 'kafkalib_none'])).toEqual(
      new Map([[topics.changes, 1]]),
    );
    expect(connections).toHaveBeenCalledTimes(1);
    proxy.cut({ refuse: true });
    await expect(kept.topics()).rejects.toMatchObject({ kind: 'retry' });
    proxy.accept();
    expect(await kept.topics()).toContain(topics.changes);
    await kept.close();
  });

  it.each([
    ['two hours ahead, more than a broker forgives', 2],
    ['ten days behind, more than what topics keep', -240],
  ])('R11: a service whose clock is %s has its records taken and kept', async (_what, hours) => {
    const { topics } = await bench.pipeline(1);
    const real = Date.now;
    const clock = jest.spyOn(Date, 'now').mockImplementation(() => real() + hours * 3_600_000);
    try {
      await publisher.send(
        topics.changes,
        numbered(3, () => 'k'),
      );
    } finally {
      clock.mockRestore();
    }
    const times = (await readTail(bench.kafka(), topics.changes, 3)).map(({ timestamp }) =>
      Number(timestamp),
    );
    expect(times).toHaveLength(3);
    for (const time of times) expect(Math.abs(time - Date.now())).toBeLessThan(600_000);
  });

  it('readTail gives the last records of every partition', async () => {
    const { topics } = await bench.pipeline(2);
    const to = (partition: number, count: number) =>
      numbered(count, () => 'k').map((record) => ({ ...record, partition }));
    await publisher.send(topics.changes, [...to(0, 5), ...to(1, 1000)]);
    const tail = await readTail(bench.kafka(), topics.changes, 3);
    const of = (partition: number) =>
      tail.filter((record) => record.partition === partition).map(({ value }) => String(value));
    expect([of(0), of(1)]).toEqual([
      ['2', '3', '4'],
      ['997', '998', '999'],
    ]);
    expect(await readTail(bench.kafka(), topics.validated, 3)).toEqual([]);
    await expect(readTail(bench.kafka(), 'kafkalib_no_such_topic', 1)).rejects.toMatchObject({
      kind: 'retry',
      code: 'KAFKA_TOPIC',
    });
  });
});
