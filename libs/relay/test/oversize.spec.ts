import { Source } from './source';

describe('a row whose message no topic takes', () => {
  const source = new Source();
  beforeAll(async () => {
    await source.open();
    await source.lead();
    await source.untilIdle();
  });
  beforeEach(async () => {
    await source.query('DELETE FROM t');
    await source.untilIdle();
    source.kafka.pass();
  });
  afterAll(() => source.close());

  it('R11 R15: its key goes to the dead letters, and its neighbours are published', async () => {
    const { kafka } = source;
    kafka.mostBytes = 10_000;
    await source.query(`INSERT INTO t VALUES (1, 'a'), (2, REPEAT('b', 20000)), (3, 'c')`);
    await source.untilIdle();
    await source.query(`INSERT INTO t VALUES (4, 'd')`);
    await source.untilIdle();
    expect(kafka.events().map(({ id }) => id)).toEqual([1, 3, 4]);
    expect(
      kafka.deadLetters.map(({ record: { key, value }, rejection }) => [String(key), value, rejection.code]),
    ).toEqual([[JSON.stringify({ table: source.table(), key: { id: 2 } }), null, 'OVERSIZE']]);
    expect(await source.terms.at(-1)!.counted('dead_letter')).toBe(1);
  });
});
