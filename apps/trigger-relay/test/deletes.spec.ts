import { waitFor } from '@tributary/testing';
import { RelayBench } from './relay-bench';

describe('deletes without a before image', () => {
  let bench: RelayBench;
  beforeAll(async () => {
    bench = new RelayBench();
    await bench.open();
    await bench.start().untilLeading();
    await bench.untilEqual();
  });
  afterAll(() => bench.close());

  it('have the key columns as before, also where the row was to be read again', async () => {
    await bench.admin.query(`INSERT INTO ${bench.table} VALUES (1, 'x'), (2, REPEAT('y', 300000))`);
    await bench.admin.query(`UPDATE ${bench.table} SET v = 'z'`);
    // Too large for the log, and gone when the relay looks for it.
    await bench.admin.query('START TRANSACTION');
    await bench.admin.query(`UPDATE ${bench.table} SET v = REPEAT('y', 300000) WHERE id = 2`);
    await bench.admin.query(`DELETE FROM ${bench.table}`);
    await bench.admin.query('COMMIT');
    await bench.untilEqual();
    const events = async () =>
      (await bench.lastRecords(20)).flatMap(({ value, headers }) => {
        if (!value || headers?.['control'] !== undefined) return [];
        const { op, before } = JSON.parse(value.toString()) as { op: string; before: unknown };
        return [JSON.stringify({ op, before })];
      });
    const deleted = (id: number) => JSON.stringify({ op: 'd', before: { id } });
    await waitFor(async () => (await events()).includes(deleted(1)) && (await events()).includes(deleted(2)));
    const found = await events();
    expect(found).toEqual(expect.arrayContaining([deleted(1), deleted(2)]));
    expect(found.filter((event) => event.includes('"op":"d"') !== event.includes('"before":{"id":'))).toEqual(
      [],
    );
  });
});
