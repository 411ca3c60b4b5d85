import {
  describeTables,
  installCapture,
  openMysql,
  uninstallCapture,
  type Connection,
  type TablePlan,
} from '@tributary/capture';
import { parseSyncConfig, type SyncConfig } from '@tributary/sync-config';
import { stackEnv, uniqueName } from '@tributary/testing';
import type { OutRecord } from '@tributary/transport';
import { BulkJobs, BulkLoad, takeFloor } from '../src';

const environment = stackEnv();

/** Records that a worker or a command has sent, in memory. */
class MemoryPublisher {
  readonly sent: { readonly topic: string; readonly record: OutRecord }[] = [];
  /** Called before records count as sent. */
  before: (records: readonly OutRecord[]) => Promise<void> = () => Promise.resolve();

  start = () => Promise.resolve();
  stop = () => Promise.resolve();

  async send(topic: string, records: readonly unknown[]): Promise<void> {
    await this.before(records as OutRecord[]);
    for (const record of records as OutRecord[]) this.sent.push({ topic, record });
  }

  get rows(): OutRecord[] {
    return this.sent.map(({ record }) => record).filter(({ headers }) => headers?.['control'] === undefined);
  }
}

/** A table `(id, v)` with capture on a real server, where a relay has led once. */
export class Source {
  readonly database = uniqueName('bulk');
  readonly captureSchema = uniqueName('tributary_bulk');
  readonly config: SyncConfig = parseSyncConfig(
    `{ topics: { prefix: ${this.database}, partitions: 3 }, capture: { schema: ${this.captureSchema} }, tables: [{ table: ${this.database}.t }] }`,
  );
  readonly url = environment.MYSQL_URL;
  readonly adminUrl = environment.ADMIN_MYSQL_URL;
  readonly #commands: Connection[] = [];
  readonly publisher = new MemoryPublisher();
  readonly #connections: Connection[] = [];
  admin!: Connection;

  get table(): string {
    return `${this.database}.t`;
  }

  async open(rows: number): Promise<this> {
    this.admin = await this.connect(this.adminUrl);
    await this.admin.query(`CREATE DATABASE ${this.database} CHARACTER SET utf8mb4`);
    await this.admin.query(`CREATE TABLE ${this.table} (id INT PRIMARY KEY, v VARCHAR(8000))`);
    const values = Array.from({ length: rows }, (_, id) => [id, `value ${id}`]);
    if (rows > 0) await this.admin.query(`INSERT INTO ${this.table} VALUES ?`, [values]);
    await installCapture(await this.connect(), this.config);
    await this.admin.query(
      `INSERT INTO ${this.captureSchema}.relay_state (shard, epoch, updated_at) VALUES (0, 1, UTC_TIMESTAMP(6))`,
    );
    return this;
  }

  async connect(url = this.url): Promise<Connection> {
    const connection = await openMysql(url);
    this.#connections.push(connection);
    return connection;
  }

  async plan(): Promise<TablePlan> {
    return (await describeTables(this.admin, this.config))[0]!;
  }

  /** The load as a command has it. */
  async load(where: string | null = null, rate: number | null = null): Promise<BulkLoad> {
    const connection = await this.connect();
    this.#commands.push(connection);
    const jobs = new BulkJobs(connection, this.captureSchema);
    const deps = {
      ...{ mysqlUrl: this.url, config: this.config, jobs, publisher: this.publisher },
      schemas: { publish: () => Promise.resolve() },
      ...{ via: 'kafka' as const, rate },
      waits: () => undefined,
    };
    return new BulkLoad(deps, await jobs.take(this.table, where, 0), await this.plan());
  }

  /** Begins a load under a floor of its own. */
  async begin(load: BulkLoad): Promise<boolean> {
    const { url: mysqlUrl, captureSchema } = this;
    const connection = await this.connect();
    return load.begin(() =>
      takeFloor(
        { mysqlUrl, captureSchema, connection, waits: () => undefined },
        new AbortController().signal,
      ),
    );
  }

  /** As the end of their processes would: with their connections their locks are free. */
  async endCommands(): Promise<void> {
    for (const connection of this.#commands.splice(0)) await connection.end();
  }

  async query<R = Record<string, unknown>>(sql: string): Promise<R[]> {
    return (await this.admin.query(sql.replaceAll('CAPTURE', this.captureSchema)))[0] as R[];
  }

  async close(): Promise<void> {
    await uninstallCapture(this.admin, this.config, { all: true });
    for (const name of [this.database, this.captureSchema])
      await this.admin.query(`DROP DATABASE IF EXISTS ${name}`);
    for (const connection of this.#connections) connection.destroy();
  }
}
