import { waitFor } from '@tributary/testing';
import { Source } from './source';

/** Longer than the log takes an image of. */
const LARGE = `REPEAT('y', 300000)`;

describe('rows that are read from their tables', () => {
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

  const published = () => source.kafka.events().map(({ op, id, after }) => [op, id, after?.['v'] ?? null]);
  const transaction = async (...statements: string[]) => {
    for (const sql of ['START TRANSACTION', ...statements, 'COMMIT']) await source.query(sql);
    await waitFor(() => published().length >= statements.length, { everyMs: 10 });
    await source.untilIdle();
  };

  it('R3: a row that was read is not set back by images behind its entry', async () => {
    await transaction(
      `INSERT INTO t VALUES (1, ${LARGE})`,
      `UPDATE t SET v = 'b' WHERE id = 1`,
      `UPDATE t SET v = 'c' WHERE id = 1`,
    );
    expect(published()).toEqual([
      ['c', 1, 'c'],
      ['u', 1, 'c'],
      ['u', 1, 'c'],
    ]);
    // Once the log has been read to its end, images count again.
    await transaction(`UPDATE t SET v = 'd' WHERE id = 1`);
    expect(published().at(-1)).toEqual(['u', 1, 'd']);
  });

  it('R6: a row that is gone when it is looked for is a delete of its key, under the version of its entry', async () => {
    await transaction(`INSERT INTO t VALUES (2, ${LARGE})`, `DELETE FROM t WHERE id = 2`);
    const events = source.kafka.events();
    expect(events.map(({ op, before, after }) => ({ op, before, after }))).toEqual([
      { op: 'd', before: { id: 2 }, after: null },
      { op: 'd', before: { id: 2 }, after: null },
    ]);
    expect(events[0]!.version < events[1]!.version).toBe(true);
  });

  it('R9: a large row comes whole, once for each of its changes', async () => {
    await transaction(
      `INSERT INTO t VALUES (3, ${LARGE}), (4, 'small')`,
      `UPDATE t SET v = ${LARGE} WHERE id = 4`,
    );
    const large = 'y'.repeat(300_000);
    expect(published()).toEqual([
      ['c', 3, large],
      ['c', 4, 'small'],
      ['u', 4, large],
    ]);
  });
});
