import { createCaptureSchema, dropCaptureSchema } from '@tributary/capture';
import { captureDataSource, endDataSource, SnapshotJob } from '../src';
import { flavours, openSource, type Source } from './servers';

describe.each(flavours)('the capture schema on %s', (flavour) => {
  let source: Source;
  beforeAll(async () => {
    source = await openSource(flavour);
    await createCaptureSchema(source.relay, source.captureSchema);
  });
  afterAll(() => source.close());

  it('can be opened again after a pool that did not close in order', async () => {
    const store = captureDataSource(source.url, source.captureSchema);
    await store.initialize();
    // As a connection leaves it that dies while it is closed.
    await store.driver.disconnect();
    await endDataSource(store);
    await store.initialize();
    expect(await store.getRepository(SnapshotJob).count()).toBe(0);
    await endDataSource(store);
  });

  it('is brought up to date from an older version, its jobs kept, and dropped whole', async () => {
    const old = await openSource(flavour);
    const table = (name: string) => `\`${old.captureSchema}\`.${name}`;
    try {
      await createCaptureSchema(old.relay, old.captureSchema);
      await old.relay.query(`ALTER TABLE ${table('snapshot_job')} DROP COLUMN busy_ms, DROP COLUMN epoch`);
      await old.relay.query(
        `ALTER TABLE ${table('relay_state')} DROP COLUMN pipeline, DROP COLUMN incarnation, DROP COLUMN announced, DROP COLUMN tracked_lease, DROP COLUMN published, DROP COLUMN raised_at, DROP COLUMN raised_reason`,
      );
      await old.relay.query(
        `INSERT INTO ${table('relay_state')} (shard, epoch, updated_at) VALUES (0, 4, UTC_TIMESTAMP(6))`,
      );
      await old.relay.query(`CREATE TABLE ${table('snapshot_chunk')} (id INT PRIMARY KEY)`);
      await old.relay.query(
        `INSERT INTO ${table('snapshot_job')} (table_name, created_at, rows_done) VALUES ('a.b', UTC_TIMESTAMP(6), 7)`,
      );
      for (let turn = 0; turn < 2; turn += 1) await createCaptureSchema(old.relay, old.captureSchema);
      const dataSource = captureDataSource(old.url, old.captureSchema);
      await dataSource.initialize();
      expect(await dataSource.getRepository(SnapshotJob).find()).toMatchObject([
        { rowsDone: '7', busyMs: '0' },
      ]);
      const [states] = await old.relay.query(
        `SELECT epoch, pipeline, incarnation, published, tracked_lease FROM ${table('relay_state')}`,
      );
      expect(states).toEqual([
        { epoch: 4, pipeline: null, incarnation: null, published: null, tracked_lease: '0' },
      ]);
      await dataSource.destroy();
      await dropCaptureSchema(old.relay, old.captureSchema);
      const [left] = await old.admin.query(`SHOW DATABASES LIKE '${old.captureSchema}'`);
      expect(left).toEqual([]);
    } finally {
      await old.close();
    }
  });

  it('has the table that the entity describes, digits and milliseconds included', async () => {
    const dataSource = captureDataSource(source.url, source.captureSchema);
    await dataSource.initialize();
    try {
      const jobs = dataSource.getRepository(SnapshotJob);
      const saved = await jobs.save({
        tableName: 'db.tablé😀',
        markerId: '18446744073709551615',
        lastKey: '["é"]',
        createdAt: new Date(1_700_000_000_123),
      });
      const job = await jobs.findOneByOrFail({ id: saved.id });
      expect(job).toMatchObject({
        state: 'queued',
        markerId: '18446744073709551615',
        rowsDone: '0',
        tableName: 'db.tablé😀',
        createdAt: new Date(1_700_000_000_123),
      });
      // Nothing that TypeORM would want to alter in the columns' types.
      const { upQueries } = await dataSource.driver.createSchemaBuilder().log();
      expect(
        upQueries
          .map(({ query }) => query)
          .filter((query) => /CREATE TABLE|DROP TABLE| ADD `| DROP COLUMN/.test(query)),
      ).toEqual([]);
    } finally {
      await dataSource.destroy();
    }
  });
});
