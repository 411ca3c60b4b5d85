import { readFileSync } from 'node:fs';
import { describeTables, openMysql, type Connection, type TablePlan } from '@tributary/capture';
import { mapStore, mapTarget } from '@tributary/map-target';
import { addressOf, ServiceContext } from '@tributary/service';
import { SinkPipeline, sinkListener } from '@tributary/sink';
import { SourceTable } from '@tributary/snapshot';
import { parseSyncConfig, sinkApp, type SyncConfig } from '@tributary/sync-config';
import { stackEnv, waitFor } from '@tributary/testing';
import { consumerGroups } from '@tributary/topics';
import type { Round, RoundContext } from '@tributary/transport';
import { createKafka } from '@tributary/transport-kafkajs';
import { PipelineDrain, verifyTable, type SettledDifference } from '@tributary/verify';
import { Pipeline } from './support/pipeline';

jest.setTimeout(180_000);

const ROWS = 2_000;
const quiet = { debug() {}, info() {}, warn() {}, error() {} };

/** A sink in this process, started as `runService` starts one. */
class MapSink {
  readonly pipeline: SinkPipeline;

  constructor(config: SyncConfig, store: string) {
    const context = new ServiceContext(sinkApp(mapTarget.name), {
      ...{ kafka: { brokers: stackEnv().KAFKA_BROKERS.split(',') }, config, configPath: '', mysqlUrl: '' },
      ...{ targets: { [mapTarget.name]: { store: mapStore(store) } }, port: 0, host: '', logLevel: 'fatal' },
    });
    this.pipeline = new SinkPipeline(context, {
      target: mapTarget,
      connect: () => mapTarget.connect(addressOf(context.env, mapTarget), sinkListener(context, 'a Map')),
    });
  }

  async start(): Promise<void> {
    await this.pipeline.start();
    const handle = (round: Round, { signal }: RoundContext) => this.pipeline.handle(round, signal);
    this.pipeline.server.addHandler('validated', handle, true);
    await new Promise<void>((resolve) => void this.pipeline.server.listen(() => resolve()));
  }

  async stop(): Promise<void> {
    await this.pipeline.server.close();
    await this.pipeline.onApplicationShutdown();
  }
}

describe('a target that the product does not know', () => {
  const pipeline = new Pipeline();
  const connections: Connection[] = [];
  let config: SyncConfig;
  let sink: MapSink | undefined;

  beforeAll(async () => {
    await pipeline.prepare(['CREATE TABLE items (id INT PRIMARY KEY, name VARCHAR(50), price DECIMAL(9,2))']);
    await pipeline.admin.query('INSERT INTO items VALUES ?', [
      Array.from({ length: ROWS }, (_, id) => [id, `item ${id}`, `${id}.50`]),
    ]);
    // One line: what the registry of the product lists is not looked at.
    config = parseSyncConfig(readFileSync(pipeline.syncFile, 'utf8'), undefined, [mapTarget.spec]);
    await Promise.all([pipeline.start('trigger-relay'), pipeline.start('validator')]);
    sink = new MapSink(config, pipeline.database);
    await sink.start();
  });
  afterAll(async () => {
    await sink?.stop();
    for (const connection of connections) connection.destroy();
    await pipeline.stop();
  });

  const connect = async () => {
    const connection = await openMysql(stackEnv().MYSQL_URL);
    connections.push(connection);
    return connection;
  };
  const store = () => mapStore(pipeline.database);
  const held = () => store().table(`${pipeline.database}.items`).rows;

  async function verify(plan: TablePlan, connection: Connection) {
    const { view } = await mapTarget.connect({ store: store() }, { onLost() {}, onWarning() {} });
    const differences: SettledDifference[] = [];
    const kafka = createKafka(
      { brokers: stackEnv().KAFKA_BROKERS.split(','), clientId: 'test', partitions: config.partitions },
      quiet,
    );
    const [report] = await verifyTable({
      source: new SourceTable(plan, () => openMysql(stackEnv().MYSQL_URL)),
      views: [view(plan)],
      drain: new PipelineDrain({
        ...{ connection, captureSchema: config.captureSchema, admin: kafka.admin() },
        ...{ topics: config.topics, groups: consumerGroups(config), patienceMs: 20_000 },
      }),
      connect: () => openMysql(stackEnv().MYSQL_URL),
      onDifference: (difference) => differences.push(difference),
    });
    return { report: report!, differences };
  }

  it('gets the load and the changes of a whole pipeline, verifies equal, and shows what is wrong in it', async () => {
    await waitFor(() => held().size === ROWS, { timeoutMs: 60_000 });
    await pipeline.admin.query("UPDATE items SET name = 'renamed' WHERE id < 100");
    await pipeline.admin.query('DELETE FROM items WHERE id >= 1900');
    await pipeline.admin.query("INSERT INTO items VALUES (5000, 'new', 0.10)");
    const [plan] = await describeTables(await connect(), config);
    const barrierConnection = await connect();
    const equal = await verify(plan!, barrierConnection);
    expect(equal.differences).toEqual([]);
    expect(equal.report).toMatchObject({ target: 'map', rows: 1901, equal: 1901 });
    expect(held().get('5000')?.row).toEqual({ id: 5000, name: 'new', price: '0.10' });

    held().delete('7');
    held().set('8', { ...held().get('8')!, row: { id: 8, name: 'somebody else', price: '8.50' } });
    held().set('9999', { ...held().get('8')!, row: { id: 9999, name: 'stray', price: null } });
    const { differences } = await verify(plan!, barrierConnection);
    expect(differences.map(({ kind, id }) => [kind, id]).sort()).toEqual([
      ['different', '8'],
      ['extra', '9999'],
      ['missing', '7'],
    ]);
  });
});
