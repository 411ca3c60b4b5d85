import { writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openMysql } from '@tributary/capture';
import { openKafkaProxy, stackEnv, TcpProxy, waitFor } from '@tributary/testing';
import { createKafka } from '@tributary/transport-kafkajs';
import { pickPort } from '@tributary/dev-stack';
import { OwnPrometheus, type Shortened } from './alerts/prometheus';
import { leaveUnpurgedEntries } from './alerts/unpurged-entries';
import { itLong } from './support/flavours';
import { Pipeline } from './support/pipeline';
import type { ServiceProcess } from './support/service-process';

jest.setTimeout(240_000);

const shortened: Shortened = {
  TributaryLag: ['> 300', '> 4'],
  TributaryCanaryLost: ['> 60', '> 6'],
  TributaryConsumerLag: ['> 100000', '> 0'],
  TributaryChangeLogOld: ['> 300', '> 4'],
  TributaryChangeLogLarge: ['> 1e6', '> 4'],
  TributaryLoadHeldBack: ['> 120', '> 2'],
  TributaryDeadLettersOld: ['> 604800', '> 2'],
  TributaryVerifyOld: ['> 86400', '> 4'],
  TributaryTableUnverified: ['> 691200', '> 3600'],
};

const dashboardFile = join(__dirname, '../deploy/grafana/tributary.json');

const silent = { debug() {}, info() {}, warn() {}, error() {} };

/** Each alert once by what it stands for, on a real Prometheus that scrapes a real pipeline. */
describe('alerts', () => {
  const pipeline = new Pipeline();
  const { database, captureSchema, prefix } = pipeline;
  const table = `${database}.t`;
  const topics = { changes: `${prefix}.changes`, deadLetters: `${prefix}.dead-letters` };
  const kafka = createKafka({ brokers: stackEnv().KAFKA_BROKERS.split(','), clientId: 'alerts' }, silent);
  const kafkaAdmin = kafka.client.admin();
  let prometheus: OwnPrometheus;
  let mongo: TcpProxy;
  let relayKafka: TcpProxy;
  let validator: ServiceProcess;

  const ports = () => [...pipeline.services.values()].map(({ port }) => port);
  const startRelay = () => pipeline.start('trigger-relay', { KAFKA_BROKERS: relayKafka.address });
  const write = (sql: string) => pipeline.admin.query(sql);

  beforeAll(async () => {
    mongo = await TcpProxy.open(new URL(stackEnv().MONGODB_URI).host);
    relayKafka = await openKafkaProxy(stackEnv().KAFKA_BROKERS);
    await kafkaAdmin.connect();
    await pipeline.prepare(
      [
        'CREATE TABLE t (id INT PRIMARY KEY, v INT)',
        'CREATE TABLE other (id INT PRIMARY KEY, v INT)',
        'INSERT INTO t VALUES (1, 1), (2, 2), (3, 3)',
      ],
      'metrics: { canarySeconds: 3 }\n',
    );
    await startRelay();
    validator = await pipeline.start('validator');
    await pipeline.start('redis-sink');
    await pipeline.start('mongo-sink', { MONGODB_URI: `mongodb://${mongo.address}/?directConnection=true` });
    await Promise.all([...pipeline.services.values()].map((service) => service.untilReady()));
    prometheus = await OwnPrometheus.start(join(pipeline.folder, 'prometheus'), shortened);
    prometheus.scrape(ports());
    await pipeline.untilEqual();
  });
  afterAll(async () => {
    await prometheus?.stop();
    await kafkaAdmin.disconnect();
    await pipeline.stop();
    await mongo.close();
    await relayKafka.close();
  });

  it('none while all goes well', async () => {
    await waitFor(async () => (await prometheus.seriesOf('tributary_trouble')) === 4, { timeoutMs: 30_000 });
    await prometheus.untilOver(...Object.keys(shortened), 'TributaryStageAbsent', 'TributaryNoLeader');
    await waitFor(async () => (await prometheus.alerts()).length === 0, { timeoutMs: 30_000 });
  });

  it('TributaryCanaryLost: the target is away, or the relay, though no row changes', async () => {
    mongo.cut({ refuse: true });
    await prometheus.untilFiring('TributaryCanaryLost', { target: 'mongo' });
    const lost = (await prometheus.alerts()).filter(
      ({ labels }) => labels['alertname'] === 'TributaryCanaryLost',
    );
    expect(lost.map(({ labels }) => labels['target'])).toEqual(['mongo']);
    mongo.accept();
    await prometheus.untilOver('TributaryCanaryLost');
    relayKafka.cut({ refuse: true });
    await prometheus.untilFiring('TributaryCanaryLost', { target: 'mongo' });
    await prometheus.untilFiring('TributaryCanaryLost', { target: 'redis' });
    relayKafka.accept();
    await prometheus.untilOver('TributaryCanaryLost', 'TributaryWaitsForServer');
  });

  it('TributaryWaitsForServer, TributaryLag and TributaryConsumerLag: the target is away', async () => {
    mongo.cut({ refuse: true });
    await write('UPDATE t SET v = v + 1');
    await prometheus.untilFiring('TributaryWaitsForServer', { stage: 'mongo-sink' });
    await prometheus.untilFiring('TributaryLag', { stage: 'mongo-sink', table });
    await prometheus.untilFiring('TributaryConsumerLag');
    const others = (await prometheus.alerts()).filter(({ labels }) => labels['stage'] === 'redis-sink');
    expect(others).toEqual([]);
    mongo.accept();
    await prometheus.untilOver('TributaryWaitsForServer', 'TributaryLag', 'TributaryConsumerLag');
  });

  it('TributaryChangeLogOld, TributaryChangeLogLarge and TributaryLag: the relay cannot publish', async () => {
    relayKafka.cut({ refuse: true });
    for (let id = 10; id < 20; id += 1) await write(`INSERT INTO other VALUES (${id}, 1)`);
    await prometheus.untilFiring('TributaryChangeLogOld');
    await prometheus.untilFiring('TributaryChangeLogLarge');
    await prometheus.untilFiring('TributaryLag', { stage: 'trigger-relay', table: `${database}.other` });
    relayKafka.accept();
    await prometheus.untilOver('TributaryChangeLogOld', 'TributaryChangeLogLarge', 'TributaryLag');
  });

  it('TributaryStageAbsent, TributaryLag and TributaryRetentionShort: a stage is dead', async () => {
    const retention = (ms: number) =>
      kafkaAdmin.alterConfigs({
        validateOnly: false,
        resources: [
          { type: 2, name: topics.changes, configEntries: [{ name: 'retention.ms', value: String(ms) }] },
        ],
      });
    await validator.end('SIGKILL');
    await retention(3_600_000);
    await write('UPDATE t SET v = v + 1');
    await prometheus.untilFiring('TributaryStageAbsent', { stage: 'validator' });
    // The relay says it of the stage that cannot.
    await prometheus.untilFiring('TributaryLag', { stage: 'validator', table });
    await prometheus.untilFiring('TributaryRetentionShort', { group: `${prefix}.validator` });
    validator = await pipeline.start('validator');
    prometheus.scrape(ports());
    await prometheus.untilOver('TributaryStageAbsent', 'TributaryLag', 'TributaryRetentionShort');
    await retention(7 * 86_400_000);
  });

  it('TributaryDeadLetters and TributaryDeadLettersOld: an event is refused, until somebody sees to it', async () => {
    const publisher = kafka.publisher();
    await publisher.start();
    const key = JSON.stringify({ table, key: { id: 1 } });
    await publisher.send(topics.changes, [{ key, value: 'no json', partition: 0 }]);
    await publisher.stop();
    await prometheus.untilFiring('TributaryDeadLetters');
    await prometheus.untilFiring('TributaryDeadLettersOld');
    expect((await pipeline.cli('dlq', 'discard', '--table', table)).status).toBe(0);
    await prometheus.untilOver('TributaryDeadLetters', 'TributaryDeadLettersOld');
  });

  it('TributaryCaptureDrift: a trigger is gone and cannot be made while somebody uses the table', async () => {
    const [rows] = await pipeline.admin.query(
      `SELECT trigger_name AS name FROM information_schema.triggers WHERE event_object_schema = ? AND event_object_table = 'other'`,
      [database],
    );
    await write(`DROP TRIGGER \`${(rows as { name: string }[])[0]!.name}\``);
    await write('BEGIN');
    await write('SELECT * FROM other');
    await prometheus.untilFiring('TributaryCaptureDrift', { table: `${database}.other` });
    await write('COMMIT');
    await prometheus.untilOver('TributaryCaptureDrift');
  });

  it('TributaryTableSuspended: a table has no key', async () => {
    await write('CREATE TABLE keyless (id INT)');
    await prometheus.untilFiring('TributaryTableSuspended', { table: `${database}.keyless` });
    await write('ALTER TABLE keyless ADD PRIMARY KEY (id)');
    await prometheus.untilOver('TributaryTableSuspended');
  });

  it('TributaryTablePaused: somebody has paused a table in one target', async () => {
    const one = ['--table', `${database}.other`, '--target', 'redis'];
    expect((await pipeline.cli('pause', ...one)).status).toBe(0);
    await prometheus.untilFiring('TributaryTablePaused', { table: `${database}.other`, target: 'redis' });
    expect((await pipeline.cli('resume', ...one)).status).toBe(0);
    await prometheus.untilOver('TributaryTablePaused');
  });

  itLong('TributaryTableUnverified: the last comparison was long ago', async () => {
    await pipeline.untilEqual();
    await write(`UPDATE \`${captureSchema}\`.table_verified SET at = at - INTERVAL 2 HOUR`);
    await prometheus.untilFiring('TributaryTableUnverified', { table });
    await pipeline.untilEqual();
    await prometheus.untilOver('TributaryTableUnverified');
  });

  itLong('TributaryLogLooksSlow: an old read view keeps deleted entries from being purged', async () => {
    const reader = await openMysql(pipeline.adminUrl);
    try {
      await reader.query('START TRANSACTION WITH CONSISTENT SNAPSHOT');
      await leaveUnpurgedEntries(write, captureSchema);
      await prometheus.untilFiring('TributaryLogLooksSlow');
      const told = () => pipeline.services.get('trigger-relay')!.events('log-looks-slow').length > 0;
      await waitFor(told, { timeoutMs: 60_000 });
    } finally {
      reader.destroy();
    }
    await prometheus.untilOver('TributaryLogLooksSlow');
  });

  it('TributaryLogEntryDamaged: somebody writes into the change log', async () => {
    await write('BEGIN');
    await write('UPDATE t SET v = v + 1 WHERE id = 1');
    await write(`UPDATE \`${captureSchema}\`.change_log SET crc = crc ^ 4711 ORDER BY id DESC LIMIT 1`);
    await write('COMMIT');
    await prometheus.untilFiring('TributaryLogEntryDamaged', { table });
    await pipeline.untilEqual();
  });

  it('TributaryLoadHeldBack: a transaction stays open before a load', async () => {
    await write('BEGIN');
    await write('UPDATE other SET v = v + 1 WHERE id = 10');
    expect((await pipeline.cli('snapshot', 'start', '--table', table)).status).toBe(0);
    await prometheus.untilFiring('TributaryLoadHeldBack');
    await write('COMMIT');
    await prometheus.untilOver('TributaryLoadHeldBack');
  });

  it('TributaryLoadFailed: a load cannot be read', async () => {
    await write(
      `INSERT INTO \`${captureSchema}\`.snapshot_job (table_name, where_sql, created_at) VALUES ('${table}', 'nobody = 1', UTC_TIMESTAMP(6))`,
    );
    await prometheus.untilFiring('TributaryLoadFailed');
    expect((await pipeline.cli('snapshot', 'start', '--table', table)).status).toBe(0);
    await pipeline.untilEqual();
  });

  it('TributaryTopicUnlike and TributaryTopicLost: somebody changes a topic', async () => {
    const { deadLetters: topic } = topics;
    await kafkaAdmin.createPartitions({ topicPartitions: [{ topic, count: 5 }] });
    await prometheus.untilFiring('TributaryTopicUnlike', { topic, problem: 'raised' });
    await kafkaAdmin.deleteTopics({ topics: [topic] });
    await prometheus.untilFiring('TributaryTopicUnlike', { topic, problem: 'missing' });
    await kafkaAdmin.createTopics({ topics: [{ topic, numPartitions: 4 }], waitForLeaders: true });
    await prometheus.untilFiring('TributaryTopicLost', { topic });
    await prometheus.untilOver('TributaryTopicUnlike');
  });

  it('TributaryConfigsDiffer: an instance runs with another sync file', async () => {
    const other = join(pipeline.folder, 'other.yaml');
    writeFileSync(other, `${await readFile(pipeline.syncFile, 'utf8')}\n# another one\n`);
    const known = pipeline.services.get('redis-sink')!;
    const second = await pipeline.start('redis-sink', { SYNC_CONFIG: other });
    prometheus.scrape([...ports(), known.port]);
    await prometheus.untilFiring('TributaryConfigsDiffer');
    await second.end('SIGTERM');
    pipeline.services.set('redis-sink', known);
    prometheus.scrape(ports());
    await prometheus.untilOver('TributaryConfigsDiffer');
  });

  it('TributaryNoLeader and TributaryEpochRaised: the relay is dead, and comes back to another change log', async () => {
    await pipeline.services.get('trigger-relay')!.end('SIGKILL');
    await prometheus.untilFiring('TributaryNoLeader');
    await prometheus.untilFiring('TributaryStageAbsent', { stage: 'trigger-relay' });
    await write(
      `UPDATE \`${captureSchema}\`.relay_state SET incarnation = REPEAT('a', 32), announced = REPEAT('b', 32)`,
    );
    await startRelay();
    prometheus.scrape(ports());
    await prometheus.untilOver('TributaryNoLeader', 'TributaryStageAbsent');
    await prometheus.untilFiring('TributaryEpochRaised');
    await pipeline.untilEqual();
  });

  it('TributaryVerifyDifferences and TributaryVerifyOld: continuous verification finds a foreign edit', async () => {
    await pipeline.collection('t').updateOne({}, { $set: { v: -1 } });
    const port = await pickPort();
    const args = ['verify', '--continuous', '--interval', '20', '--port', String(port), '--target', 'mongo'];
    const verify = pipeline.spawnCli(...args);
    prometheus.scrape([...ports(), port]);
    await prometheus.untilFiring('TributaryVerifyDifferences', { table, target: 'mongo' });
    await prometheus.untilFiring('TributaryVerifyOld');
    const ended = new Promise((resolve) => verify.once('exit', resolve));
    verify.kill('SIGTERM');
    await ended;
  });

  it('the dashboard: every query has given something while all of this went on', async () => {
    const { panels } = JSON.parse(await readFile(dashboardFile, 'utf8')) as {
      readonly panels: readonly { title: string; targets?: readonly { expr: string }[] }[];
    };
    const queries = panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => ({ title, expr })));
    expect(queries.length).toBeGreaterThan(25);
    const empty: string[] = [];
    for (const { title, expr } of queries)
      if ((await prometheus.seriesOf(expr.replaceAll(/\$(stage|table)/g, '.*'))) === 0)
        empty.push(`${title}: ${expr}`);
    expect(empty).toEqual([]);
  });
});
