import { waitFor } from '@tributary/testing';
import { readTail } from '@tributary/transport';
import { Bench, numbered, texts } from './support';

jest.setTimeout(90_000);

describe('a damaged batch', () => {
  const bench = new Bench();
  afterAll(() => bench.clear());

  it('R11: holds its partition up and is told, the other goes on; whole again, nothing was left out', async () => {
    const { topics } = await bench.pipeline(2);
    const publisher = bench.kafka().publisher();
    const send = (partition: number, from: number) =>
      publisher.send(
        topics.changes,
        numbered(30, () => 'a key', from).map((record) => ({
          ...record,
          value: `marked ${record.value}`,
          partition,
        })),
      );
    // Too small to be packed. The second of three batches, whose number 35 is changed on its way from the broker.
    for (const from of [0, 30, 60]) await send(0, from);
    let damages = true;
    const proxy = await bench.proxy((data, direction) => {
      const found = direction === 'down' && damages ? data.indexOf('marked 35') : -1;
      if (found < 0) return data;
      const damaged = Buffer.from(data);
      damaged[found] = 0x4d;
      return damaged;
    });
    const seen: [number, string][] = [];
    const { server } = await bench.serve({
      topic: topics.changes,
      transport: bench.kafka(proxy.address),
      handle: async (batch) =>
        void seen.push(...texts(batch).map((text) => [batch.partition, text] as [number, string])),
    });
    await waitFor(() => server.state.trouble);
    expect(server.state.trouble).toContain(
      `The batch of records at offset 30 of ${topics.changes}/0 cannot be read: the checksum`,
    );
    expect(server.state.trouble).toContain('It is fetched again');
    expect(bench.log.lines).toContainEqual(
      expect.objectContaining({
        level: 'warn',
        code: 'DAMAGED_BATCH',
        topic: topics.changes,
        partition: 0,
        offset: '30',
      }),
    );
    await expect(readTail(bench.kafka(proxy.address), topics.changes, 100)).rejects.toMatchObject({
      kind: 'retry',
      code: 'DAMAGED_BATCH',
    });
    await send(1, 100);
    await waitFor(() => seen.length === 60);
    expect(seen.filter(([partition]) => partition === 0)).toHaveLength(30);

    damages = false;
    await waitFor(() => seen.length === 120);
    const numbers = seen
      .filter(([partition]) => partition === 0)
      .map(([, text]) => Number(text.split(' ')[1]));
    expect(numbers).toEqual(Array.from({ length: 90 }, (_, at) => at));
    await waitFor(() => server.state.trouble === null);
    await publisher.stop();
  });
});
