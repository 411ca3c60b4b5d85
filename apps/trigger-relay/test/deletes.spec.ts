import { waitFor } from '@tributary/testing';
import { RelayFixture } from './relay-fixture';

describe('deletes without a before image', () => {
  let fixture: RelayFixture;
  beforeAll(async () => {
    fixture = new RelayFixture();
    await fixture.open();
    await fixture.start().untilLeading();
    await fixture.untilEqual();
  });
  afterAll(() => fixture.close());

  it('have the key columns as before, also where the row was to be read again', async () => {
    await fixture.admin.query(`INSERT INTO ${fixture.table} VALUES (1, 'x'), (2, REPEAT('y', 300000))`);
    await fixture.admin.query(`UPDATE ${fixture.table} SET v = 'z'`);
    // Too large for the log, and gone when the relay looks for it.
    await fixture.admin.query('START TRANSACTION');
    await fixture.admin.query(`UPDATE ${fixture.table} SET v = REPEAT('y', 300000) WHERE id = 2`);
    await fixture.admin.query(`DELETE FROM ${fixture.table}`);
    await fixture.admin.query('COMMIT');
    await fixture.untilEqual();
    const events = async () =>
      (await fixture.lastRecords(20)).flatMap(({ value, headers }) => {
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
