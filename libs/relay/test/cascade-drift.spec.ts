import { EventEmitter } from 'node:events';
import {
  describeTables,
  installCapture,
  openMysql,
  uninstallCapture,
  type Connection,
} from '@tributary/capture';
import { captureDataSource, SnapshotJob } from '@tributary/capture-store';
import { createLogger, type ServiceContext } from '@tributary/service';
import { SnapshotJobs } from '@tributary/snapshot';
import { parseSyncConfig } from '@tributary/sync-config';
import { stackEnv, uniqueName, waitFor } from '@tributary/testing';
import type { DataSource } from 'typeorm';
import { CaptureStates } from '../src/capture-states';
import { DriftWatch } from '../src/drift-watch';
import { installAtStart } from '../src/install-at-start';
import type { TableEvents } from '../src/table-events';

const env = stackEnv();
const servers = [
  ['mysql', env.MYSQL_URL, env.ADMIN_MYSQL_URL],
  ['mariadb', env.MARIADB_URL!, env.ADMIN_MARIADB_URL!],
] as const;

describe.each(servers)('cascades without their triggers on %s', (_, url, adminUrl) => {
  const database = uniqueName('cascade_drift');
  const schema = uniqueName('tributary_drift');
  const config = parseSyncConfig(
    `{ capture: { schema: ${schema} }, tables: [{ table: ${database}.c }, { table: ${database}.g }] }`,
  );
  const context = {
    env: { config, mysqlUrl: url },
    log: createLogger('test', 'silent'),
  } as unknown as ServiceContext;
  let admin: Connection;
  let relay: Connection;
  let data: DataSource;
  let jobs: SnapshotJobs;

  beforeAll(async () => {
    admin = await openMysql(adminUrl);
    relay = await openMysql(url);
    await admin.query(`CREATE DATABASE ${database}`);
    await admin.query(`USE ${database}`);
    await admin.query('CREATE TABLE p (id INT PRIMARY KEY)');
    await admin.query(
      'CREATE TABLE c (id INT PRIMARY KEY, pid INT, FOREIGN KEY (pid) REFERENCES p (id) ON DELETE CASCADE)',
    );
    await admin.query(
      'CREATE TABLE g (id INT PRIMARY KEY, cid INT, FOREIGN KEY (cid) REFERENCES c (id) ON DELETE CASCADE)',
    );
    await installCapture(relay, config);
    data = await captureDataSource(url, schema).initialize();
    jobs = new SnapshotJobs(data.getRepository(SnapshotJob));
  });
  afterAll(async () => {
    await data.destroy();
    await uninstallCapture(admin, config, { all: true });
    await admin.query(`DROP DATABASE ${database}`);
    await admin.end();
    await relay.end();
  });
  beforeEach(async () => {
    await relay.query(`DELETE FROM ${schema}.snapshot_job`);
    const [triggers] = await admin.query(
      `SELECT trigger_name AS name FROM information_schema.triggers
       WHERE event_object_schema = ? AND event_object_table = 'p' AND event_manipulation = 'DELETE'`,
      [database],
    );
    await admin.query(`DROP TRIGGER ${(triggers as { name: string }[])[0]!.name}`);
  });

  const waiting = async () => (await jobs.list()).map(({ table, state }) => `${table} ${state}`).sort();
  const children = [`${database}.c queued`, `${database}.g queued`];

  it('R8: the running relay loads the children, and no parent that is not captured', async () => {
    const plans = await describeTables(relay, config);
    const events: TableEvents = new EventEmitter();
    const watch = new DriftWatch({
      ...{ context, events },
      connection: relay,
      jobs,
      truncates: { check: () => Promise.resolve() },
      guard: { refresh: () => Promise.resolve(), distrust: () => undefined },
      plans: new Map(plans.map((plan) => [plan.settings.table, plan])),
      suspended: new CaptureStates(context.tables),
      drift: { found: () => undefined },
    });
    const stop = new AbortController();
    const run = watch.run(stop.signal);
    events.emit('changed');
    await waitFor(async () => (await waiting()).length >= 2, { timeoutMs: 30_000, everyMs: 100 });
    stop.abort();
    await run;
    expect(await waiting()).toEqual(children);
  });

  it('R8: a relay that starts loads the children of what was missed meanwhile', async () => {
    for (const name of ['c', 'g']) await jobs.reload(`${database}.${name}`);
    await relay.query(`UPDATE ${schema}.snapshot_job SET state = 'done'`);
    const source = captureDataSource(url, schema);
    await installAtStart(context, relay, { source, jobs });
    expect((await waiting()).filter((job) => job.endsWith(' queued'))).toEqual(children);
  });
});
