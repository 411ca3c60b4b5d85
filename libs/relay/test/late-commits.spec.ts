import { waitFor } from '@tributary/testing';
import { flavours, Source } from './source';

describe.each(flavours)('entries of transactions that commit late, on %s', (flavour) => {
  const source = new Source(flavour);
  beforeAll(async () => {
    await source.open();
    await source.lead();
    await source.untilIdle();
  });
  beforeEach(() => source.kafka.pass());
  afterAll(() => source.close());

  const published = () => source.kafka.events().map(({ id, op }) => `${op}${id}`);
  const untilPublished = (event: string) => waitFor(() => published().includes(event), { everyMs: 10 });

  it('R2: a low id that becomes visible behind higher ones is published, and each once', async () => {
    const late = await source.connect();
    await late.beginTransaction();
    await late.query(`INSERT INTO t VALUES (1, 'late')`);
    for (const id of [2, 3, 4]) await source.query(`INSERT INTO t VALUES (${id}, 'early')`);
    await untilPublished('c4');
    await source.untilIdle();
    await source.query(`INSERT INTO t VALUES (5, 'behind')`);
    await untilPublished('c5');
    expect(published()).toEqual(['c2', 'c3', 'c4', 'c5']);
    await late.commit();
    await untilPublished('c1');
    await source.untilIdle();
    expect(published()).toEqual(['c2', 'c3', 'c4', 'c5', 'c1']);
    const [first, , , , last] = source.kafka.events();
    expect(last!.version < first!.version).toBe(true);
  });

  it('R2: what commits between the read and its acknowledgement stays in the log', async () => {
    const late = await source.connect();
    await late.beginTransaction();
    await late.query(`INSERT INTO t VALUES (11, 'late')`);
    const { reached, release } = source.kafka.hold(({ id }) => id === 13);
    await source.query(`INSERT INTO t VALUES (12, 'early')`);
    await source.query(`INSERT INTO t VALUES (13, 'early')`);
    await reached;
    await late.commit();
    release();
    await untilPublished('c11');
    await source.untilIdle();
    expect(published().sort()).toEqual(['c11', 'c12', 'c13']);
  });

  it('R12: entries are in the log for as long as Kafka has not confirmed them', async () => {
    const { reached, release } = source.kafka.hold(({ id }) => id === 22);
    await source.query(`INSERT INTO t VALUES (21, 'a'), (22, 'b')`);
    await reached;
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect([(await source.pending()).entries, published()]).toEqual([2, []]);
    release();
    await source.untilIdle();
    expect(published()).toEqual(['c21', 'c22']);
  });
});
