import { leaseName } from '@tributary/capture';
import { waitFor } from '@tributary/testing';
import { RelayFixture } from './relay-fixture';

jest.setTimeout(180_000);

describe('entries that are held until they are acknowledged', () => {
  const fixture = new RelayFixture();
  beforeAll(async () => {
    await fixture.open();
    await fixture.start().untilLeading();
    await fixture.untilEqual();
  });
  afterAll(() => fixture.close());

  const rows = (from: number, count: number, v: string) =>
    Array.from({ length: count }, (_, at) => `(${from + at}, '${v}')`).join();
  const write = (from: number, count: number, v: string) =>
    fixture.admin.query(`REPLACE INTO ${fixture.table} VALUES ${rows(from, count, v)}`);
  /** Ends the session that leads: what it holds is still in the log, and published by the next term once more. */
  const endTerm = async () => {
    let session: string | null = null;
    await waitFor(async () => {
      const [found] = await fixture.admin.query(
        `SELECT IS_USED_LOCK('${leaseName(fixture.captureSchema, 0)}') AS session`,
      );
      return (session = (found as { session: string | null }[])[0]!.session) !== null;
    });
    await fixture.admin.query(`KILL ${session}`);
  };

  it('R2 R12: a low id that commits late is published, whatever was held, and however terms end', async () => {
    const late = await fixture.connection();
    await late.beginTransaction();
    await late.query(`INSERT INTO ${fixture.table} VALUES ${rows(1, 3, 'late')}`);
    for (let turn = 0; turn < 30; turn += 1) {
      await write(100 + turn * 10, turn % 7 === 0 ? 700 : 20, `v${turn}`);
      if (turn % 10 === 5) await endTerm();
    }
    await waitFor(async () => (await fixture.log()) === 0, { timeoutMs: 60_000 });
    await late.commit();
    await fixture.untilEqual();
  });

  it('R3: the last of many changes of a row is the last that is published', async () => {
    for (let turn = 0; turn < 200; turn += 1) {
      await fixture.admin.query(`UPDATE ${fixture.table} SET v = 'turn ${turn}' WHERE id IN (1, 2, 101)`);
      if (turn === 90) await endTerm();
    }
    await fixture.untilEqual();
  });

  it('R12: a relay that is stopped leaves nothing of what it has published', async () => {
    await write(9_000, 5, 'last');
    const key = JSON.stringify({ table: fixture.table, key: { id: 9_004 } });
    await waitFor(async () => (await fixture.target())[key] !== undefined);
    await fixture.stopAll();
    expect(await fixture.log()).toBe(0);
  });
});
