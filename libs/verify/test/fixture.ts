import { keyColumns, formatVersion, rowKeyText, type WireRow } from '@tributary/contract';
import { describeTables, openMysql, type Connection, type TablePlan } from '@tributary/capture';
import { SourceTable } from '@tributary/snapshot';
import { parseSyncConfig, type SyncConfig } from '@tributary/sync-config';
import {
  connectedMongo,
  connectMongo,
  connectRedis,
  mongoTarget,
  MongoView,
  MongoWriter,
  RedisScan,
  redisTarget,
  RedisView,
  RedisWriter,
  type RowChange,
} from '@tributary/targets';
import { stackEnv, uniqueName } from '@tributary/testing';
import type { Redis } from 'ioredis';
import type { Connection as MongoConnection } from 'mongoose';
import {
  verifyScanned,
  verifyTable,
  type SettledDifference,
  type TableReport,
  type TableVerification,
} from '../src';
import { scanned, type Scan } from './scanned';

// The stack is shared: its Redis may hold millions of other keys, which every verification has to walk.
jest.setTimeout(60_000);

const env = stackEnv();

export const passes = { wait: async () => ({ passed: true }) as const };

export interface Server {
  readonly name: string;
  readonly url: string;
  readonly adminUrl: string;
}

export const servers: Server[] = [
  { name: 'MySQL', url: env.MYSQL_URL, adminUrl: env.ADMIN_MYSQL_URL },
  ...(env.MARIADB_URL && env.ADMIN_MARIADB_URL
    ? [{ name: 'MariaDB', url: env.MARIADB_URL, adminUrl: env.ADMIN_MARIADB_URL }]
    : []),
];

/** How tables are compared: row by row, or the candidates of a scan of all. */
export const ways = ['rows', 'scan'] as const;
type Way = (typeof ways)[number];

/** Each server with both ways; a scan meets nothing else on the second one. */
export const waysOf = (some: readonly Server[]) =>
  some.flatMap((server, at) =>
    ways.slice(0, at === 0 ? 2 : 1).map((way) => ({ server, way, name: server.name })),
  );

/** A database of its own on the source, and the same rows put into both targets by the sinks' own writers. */
export class Fixture {
  readonly database = uniqueName('verify');
  readonly prefix = uniqueName('verify');
  readonly captureSchema = uniqueName('tributary_verify');
  config!: SyncConfig;
  plans!: TablePlan[];
  admin!: Connection;
  relay!: Connection;
  mongo!: MongoConnection;
  redis!: Redis;
  #serial = 1;
  readonly #open: Connection[] = [];

  private constructor(
    readonly server: Server,
    private readonly way: Way,
  ) {}

  /** `statements` may name the database as {db}; `tables` is the sync file's list. */
  static async create(
    server: Server,
    statements: string[],
    tables: string,
    way: Way = 'rows',
  ): Promise<Fixture> {
    const fixture = new Fixture(server, way);
    const { database } = fixture;
    fixture.admin = await fixture.connect(server.adminUrl);
    await fixture.admin.query(`CREATE DATABASE ${database} CHARACTER SET utf8mb4`);
    await fixture.admin.query(`USE ${database}`);
    for (const statement of statements) await fixture.admin.query(statement.replaceAll('{db}', database));
    fixture.config = parseSyncConfig(
      `topics: { prefix: ${fixture.prefix}, partitions: 2 }\ncapture: { schema: ${fixture.captureSchema} }\ntables:\n${tables.replaceAll('{db}', database)}`,
    );
    fixture.relay = await fixture.connect();
    fixture.plans = await describeTables(fixture.relay, fixture.config);
    fixture.mongo = await connectMongo(env.MONGODB_URI);
    fixture.redis = await connectRedis(env.REDIS_URL, () => undefined);
    return fixture;
  }

  async connect(url = this.server.url): Promise<Connection> {
    const connection = await openMysql(url);
    this.#open.push(connection);
    return connection;
  }

  plan(name: string): TablePlan {
    return this.plans.find(({ settings }) => settings.name === name)!;
  }

  source(name: string): SourceTable {
    return new SourceTable(this.plan(name), () => openMysql(this.server.url));
  }

  views(name: string) {
    return [
      new MongoView(this.plan(name), this.mongo.getClient()),
      new RedisView(this.plan(name), this.redis),
    ];
  }

  scans(name: string): Scan[] {
    const plan = this.plan(name);
    return [
      { plugin: mongoTarget, scan: connectedMongo(this.mongo, { onWarning: () => undefined }).scan!(plan) },
      { plugin: redisTarget, scan: new RedisScan(plan, this.redis) },
    ];
  }

  collection(name: string) {
    const { database, collection } = this.plan(name).settings.mongo;
    return this.mongo.getClient().db(database).collection(collection);
  }

  /** Puts all rows of the table, or the given states, into both targets as newer versions. */
  async sync(name: string, states?: { key: WireRow; row: WireRow | null }[]): Promise<void> {
    for await (const batch of states ? [states] : this.#rows(name)) {
      const changes = batch.map((state, index) => this.#change(this.plan(name), state, index));
      await new MongoWriter(this.mongo).apply(changes);
      await new RedisWriter(this.redis).apply(changes);
    }
  }

  async verify(name: string, options: Partial<TableVerification> = {}) {
    const differences: SettledDifference[] = [];
    const run: TableVerification = {
      ...{ source: this.source(name), views: this.views(name), drain: passes },
      connect: () => openMysql(this.server.url),
      onDifference: (difference) => differences.push(difference),
      ...options,
    };
    const reports = await (this.way === 'scan'
      ? verifyScanned(run, await scanned(run.source, this.scans(name)))
      : verifyTable(run));
    return { differences, reports: new Map(reports.map((report) => [report.target, report])) };
  }

  async drop(): Promise<void> {
    await this.admin?.query(`DROP DATABASE IF EXISTS ${this.database}`);
    await this.admin?.query(`DROP DATABASE IF EXISTS ${this.captureSchema}`);
    await this.mongo?.getClient().db(this.database).dropDatabase();
    for await (const keys of this.redis?.scanStream({ match: `*${this.database}*`, count: 5_000 }) ?? [])
      if ((keys as string[]).length > 0) await this.redis.del(...(keys as string[]));
    for (const connection of this.#open) connection.destroy();
    await this.mongo?.close();
    this.redis?.disconnect();
  }

  async *#rows(name: string) {
    for await (const chunk of this.source(name).chunks()) yield* chunk;
  }

  #change(plan: TablePlan, { key, row }: { key: WireRow; row: WireRow | null }, index: number): RowChange {
    return {
      ...{ table: plan.settings, schema: plan.schema, key, after: row, index },
      op: row ? 'r' : 'd',
      keyText: rowKeyText(keyColumns(plan.schema), key),
      version: formatVersion(1, BigInt(this.#serial++)),
      tsMs: 0,
      bytes: 100,
    };
  }
}

export const counts = ({ rows, equal, missing, extra, different, stale, index }: TableReport) => ({
  ...{ rows, equal, missing, extra, different, stale, index },
});
