import { installCapture, LogReader, type Connection } from '../src';
import { flavours, openSource, type Source } from './servers';

describe.each(flavours)('ids of the log beyond what a version holds, on %s', (flavour) => {
  let source: Source;
  let admin: Connection;
  let reader: LogReader;
  beforeAll(async () => {
    source = await openSource(flavour);
    admin = source.admin;
    await admin.query('CREATE TABLE t (id INT PRIMARY KEY, a INT)');
    await installCapture(source.relay, source.config('{ table: DB.t }'));
    reader = await LogReader.open({ url: source.url, captureSchema: source.captureSchema, owner: 'test' });
    expect(await reader.acquireLease()).toBe(true);
  });
  afterAll(async () => {
    await reader.close();
    await source.close();
  });

  it.each(['2000000000000000', '18446744073709551000'])(
    'R3, R4: an entry with the id %s stops nothing, and the order of entries stays',
    async (far) => {
      await admin.query('DELETE FROM t');
      const acknowledged = await reader.readBatch(100, 1e6);
      await reader.acknowledge(acknowledged.map(({ id }) => id));
      await admin.query('INSERT INTO t VALUES (1, 0)');
      // As a session could on its own before triggers kept it out.
      await admin.query(`UPDATE ${source.captureSchema}.change_log SET id = ${far}`);
      await admin.query(
        `ALTER TABLE ${source.captureSchema}.change_log AUTO_INCREMENT = ${BigInt(far) + 1n}`,
      );
      await admin.query('UPDATE t SET a = 1');
      const open = await source.open();
      await open.query('BEGIN');
      await open.query('UPDATE t SET a = 2');
      setTimeout(() => void open.query('COMMIT'), 1500);
      const entries = await reader.readBatch(100, 1e6);
      expect(entries.map(({ after }) => after?.[1])).toEqual(['0', '1', '2']);
      const highest = acknowledged.reduce((a, { id }) => (id > a ? id : a), 0n);
      for (const { id } of entries) expect(id > highest && id < 10n ** 6n).toBe(true);
      await admin.query('UPDATE t SET a = 3');
      const later = await reader.readBatch(100, 1e6);
      expect(later.at(-1)!.id).toBe(entries.at(-1)!.id + 1n);
      expect(await reader.acknowledge(later.map(({ id }) => id))).toBe(4);
    },
    60_000,
  );
});
