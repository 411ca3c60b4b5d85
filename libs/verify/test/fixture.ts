import { keyColumns, formatVersion, rowKeyText, type WireRow } from '@tributary/contract';
import { describeTables, openMysql, type Connection, type TablePlan } from '@tributary/capture';
import { parseSyncConfig, type SyncConfig } from '@tributary/sync-config';
import {
  connectMongo,
  connectRedis,
  MongoView,
  MongoWriter,
  RedisView,
  RedisWriter,
  type RowChange,
} from '@tributary/targets';
import { stackEnv, uniqueName } from '@tributary/testing';
import type { Redis } from 'ioredis';
import type { Connection as MongoConnection } from 'mongoose';
import {
  SourceTable,
  verifyTable,
  type SettledDifference,
  type TableReport,
  type TableVerification,
} from '../src';

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

  private constructor(readonly server: Server) {}

  /** `statements` may name the database as {db}; `tables` is the sync file's list. */
  static async create(server: Server, statements: string[], tables: string): Promise<Fixture> {
    const fixture = new Fixture(server);
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
    const reports = await verifyTable({
      ...{ source: this.source(name), views: this.views(name), drain: passes },
      connect: () => openMysql(this.server.url),
      onDifference: (difference) => differences.push(difference),
      ...options,
    });
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
