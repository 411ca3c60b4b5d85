import { canaryAtMs } from '@tributary/contract';
import { parseSyncConfig } from '@tributary/sync-config';
import { waitFor } from '@tributary/testing';
import { Source, usualFlavours } from './source';

describe.each(usualFlavours)('canaries, on %s', (flavour) => {
  const source = new Source(flavour);
  const canaries = () =>
    source.kafka.records.flatMap((record) => {
      const atMs = canaryAtMs(record);
      return atMs === undefined ? [] : [{ partition: record.partition, atMs }];
    });
  const kinds = () => source.kafka.kinds().filter((kind) => kind === 'canary' || kind === 'c');

  beforeAll(() => source.open());
  beforeEach(() => source.kafka.pass());
  afterAll(() => source.close());

  it('are none unless the sync file asks for them', async () => {
    const term = await source.lead();
    await source.untilIdle();
    await source.query(`INSERT INTO t VALUES (1, 'a')`);
    await source.untilIdle();
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(canaries()).toEqual([]);
    await term.stop();
  });

  it('go into every partition, with the time of the source, and are gone from the log', async () => {
    source.config = parseSyncConfig(
      `{ topics: { prefix: ${source.database}, partitions: 3 }, capture: { schema: ${source.captureSchema} }, metrics: { canarySeconds: 1 }, tables: [{ table: ${source.table()} }] }`,
    );
    await source.lead();
    await waitFor(() => canaries().length >= 6, { everyMs: 20 });
    const [first, , , second] = canaries();
    expect(canaries().slice(0, 6)).toEqual(
      [first!, second!].flatMap(({ atMs }) => [0, 1, 2].map((partition) => ({ partition, atMs }))),
    );
    const [clock] = await source.query<{ ms: number }>('SELECT UNIX_TIMESTAMP(NOW(6)) * 1000 AS ms');
    expect(Math.abs(Number(clock!.ms) - second!.atMs)).toBeLessThan(5_000);
    expect(second!.atMs - first!.atMs).toBeGreaterThan(900);
    await waitFor(
      async () =>
        (await source.query(`SELECT id FROM ${source.captureSchema}.change_log LIMIT 3`)).length <= 1,
      { everyMs: 20 },
    );
  });

  it('stand behind what was committed before them, and wait while Kafka does not take that', async () => {
    const { reached, release } = source.kafka.hold(({ id }) => id === 2);
    await source.query(`INSERT INTO t VALUES (2, 'held')`);
    await reached;
    source.kafka.pass();
    const before = canaries().length;
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    expect(canaries()).toHaveLength(before);
    release();
    await waitFor(() => canaries().length > before, { everyMs: 20 });
    expect(kinds()[0]).toBe('c');
  });

  it('R4: are no odd records for the next leader, who knows by them how far versions have come', async () => {
    const term = source.terms.at(-1)!;
    await waitFor(() => canaries().length > 0, { everyMs: 20 });
    await term.stop();
    const next = await source.lead();
    await waitFor(() => source.kafka.kinds().includes('canary'), { everyMs: 20 });
    expect(next.events('odd-versions')).toEqual([]);
    expect((await source.pending()).loads).toBe(1);
  });
});
