import { Writable } from 'node:stream';
import type { INestApplication } from '@nestjs/common';
import { openMysql, uninstallCapture, type Connection } from '@tributary/capture';
import { header, headerText, parseVersion } from '@tributary/contract';
import { PipelineNotes } from '@tributary/topics';
import {
  readTail,
  readTopic,
  type InRecord,
  type OutRecord,
  type RecordPublisher,
} from '@tributary/transport';
import { createKafka, type KafkajsTransport } from '@tributary/transport-kafkajs';
import { createHttpApp, ServiceContext, type ServiceEnv } from '@tributary/service';
import { parseSyncConfig, type SyncConfig } from '@tributary/sync-config';
import { stackEnv, uniqueName, waitFor } from '@tributary/testing';
import { pino } from 'pino';
import { RelayModule } from '../src/relay.module';

export interface LogLine {
  readonly level: string;
  readonly msg: string;
  readonly event?: string;
  readonly code?: string;
  readonly table?: string | null;
  readonly id?: string;
}

const silent = { debug() {}, info() {}, warn() {}, error() {} };

/** Keeps what it logs. */
class TestContext extends ServiceContext {
  readonly lines: LogLine[] = [];
  override readonly log = pino(
    { level: 'debug', formatters: { level: (level) => ({ level }) } },
    new Writable({
      write: (chunk: Buffer, _, done) => {
        this.lines.push(JSON.parse(chunk.toString()) as LogLine);
        done();
      },
    }),
  );
}

/** One relay in the test's own process. */
export class TestRelay {
  readonly context: TestContext;
  readonly #app: Promise<INestApplication>;

  constructor(env: ServiceEnv) {
    this.context = new TestContext('trigger-relay', env);
    this.#app = createHttpApp(this.context, RelayModule).then((app) => app.init());
  }

  get lines(): readonly LogLine[] {
    return this.context.lines;
  }

  events(event: string): LogLine[] {
    return this.lines.filter((line) => line.event === event);
  }

  get role(): unknown {
    return this.context.about.read()['role'];
  }

  get identity(): { pipeline: string; incarnation: string; epoch: number } | undefined {
    return this.context.about.read()['identity'] as TestRelay['identity'];
  }

  async untilLeading(): Promise<this> {
    await waitFor(() => this.role === 'leader', { timeoutMs: 60_000 }).catch((error: Error) => {
      throw new Error(`${error.message}\n${this.lines.map((line) => line.msg).join('\n')}`);
    });
    return this;
  }

  async stop(): Promise<void> {
    await (await this.#app).close();
  }
}

/** What is kept of a record on the topic. */
interface TopicState {
  readonly version: string;
  readonly after: Record<string, unknown> | null;
}

/** A source with a table `t (id, v)`, more of its kind when named, and a topic prefix of its own, on the test stack. */
export class RelayFixture {
  readonly prefix = uniqueName('relay');
  readonly database = this.prefix;
  readonly captureSchema = `tributary_${this.prefix}`;
  readonly config: SyncConfig;
  readonly kafka: KafkajsTransport;
  readonly publisher: RecordPublisher;
  admin!: Connection;
  readonly #relays: TestRelay[] = [];
  readonly #connections: Connection[] = [];
  readonly #schemas = new Set([this.captureSchema]);

  constructor(
    private readonly servers = { admin: stackEnv().ADMIN_MYSQL_URL!, relay: stackEnv().MYSQL_URL },
    partitions = 2,
    private readonly more: readonly string[] = [],
  ) {
    this.config = this.#configOf(this.captureSchema, partitions);
    const brokers = stackEnv().KAFKA_BROKERS.split(',');
    this.kafka = createKafka({ brokers, clientId: 'relay-test' }, silent);
    this.publisher = this.kafka.publisher();
  }

  #configOf(captureSchema: string, partitions: number): SyncConfig {
    return parseSyncConfig(
      `{ topics: { prefix: ${this.prefix}, partitions: ${partitions} }, capture: { schema: ${captureSchema} }, tables: [${this.#tables.map((table) => `{ table: ${table} }`).join(', ')}] }`,
    );
  }

  get #tables(): string[] {
    return ['t', ...this.more].map((name) => `${this.database}.${name}`);
  }

  /** A connection of an application's, which ends with the fixture. */
  async connection(): Promise<Connection> {
    const connection = await openMysql(this.servers.admin, { database: this.database });
    this.#connections.push(connection);
    return connection;
  }

  /** Records that were ever put on a topic. */
  async records(name: keyof SyncConfig['topics'] = 'changes'): Promise<number> {
    const marks = await this.kafka.admin().watermarks(this.config.topics[name]);
    return [...marks.values()].reduce((sum, { high }) => sum + Number(high), 0);
  }

  /** The last records of each partition, as they stand there. */
  async lastRecords(perPartition: number): Promise<OutRecord[]> {
    const records = await readTail(this.kafka, this.config.topics.changes, perPartition);
    return records.map(({ key, value, headers, partition }) => ({ key, value, headers, partition }));
  }

  get table(): string {
    return `${this.database}.t`;
  }

  async open(): Promise<void> {
    this.admin = await openMysql(this.servers.admin);
    await this.admin.query(`CREATE DATABASE ${this.database} CHARACTER SET utf8mb4`);
    await this.admin.query(`USE ${this.database}`);
    // So that a copy of a table waits for nobody's rows.
    await this.admin.query('SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED');
    for (const table of this.#tables)
      await this.admin.query(`CREATE TABLE ${table} (id INT PRIMARY KEY, v LONGTEXT)`);
    await this.publisher.start();
  }

  /** A relay of this pipeline; with `captureSchema` one that reads another log. */
  start(
    captureSchema = this.captureSchema,
    mysqlUrl = this.servers.relay,
    brokers = stackEnv().KAFKA_BROKERS,
  ): TestRelay {
    this.#schemas.add(captureSchema);
    const config =
      captureSchema === this.captureSchema
        ? this.config
        : this.#configOf(captureSchema, this.config.partitions);
    const relay = new TestRelay({
      ...{
        targets: {},
        configPath: 'none',
        port: 0,
        host: '',
        logLevel: 'fatal',
      },
      kafka: { brokers: brokers.split(',') },
      mysqlUrl,
      config,
    });
    this.#relays.push(relay);
    return relay;
  }

  async stopAll(): Promise<void> {
    await Promise.all(this.#relays.splice(0).map((relay) => relay.stop()));
  }

  async log(): Promise<number> {
    const [rows] = await this.admin.query(
      `SELECT COUNT(*) AS entries FROM ${this.captureSchema}.change_log WHERE op <> 'm'`,
    );
    return Number((rows as { entries: number }[])[0]!.entries);
  }

  async state(): Promise<Record<string, string>> {
    const [rows] = await this.admin.query(`SELECT * FROM ${this.captureSchema}.relay_state`);
    return (rows as Record<string, string>[])[0]!;
  }

  async jobs(): Promise<{ id: string; state: string; table: string }[]> {
    const [rows] = await this.admin.query(
      `SELECT id, state, table_name AS \`table\` FROM ${this.captureSchema}.snapshot_job ORDER BY id`,
    );
    return rows as { id: string; state: string; table: string }[];
  }

  async notes(): Promise<PipelineNotes> {
    const notes = new PipelineNotes(this.kafka, this.config.topics.notes, silent);
    await notes.refresh();
    return notes;
  }

  /**
   * What a target holds that applies the topic by versions (R4) and sweeps after loads (R5), by key, and the source's
   * rows in the same form.
   */
  async target(): Promise<Record<string, unknown>> {
    const rows = new Map<string, TopicState>();
    for await (const { records } of readTopic(this.kafka, this.config.topics.changes))
      for (const record of records) apply(rows, record);
    const alive = [...rows].flatMap(([key, { after }]) => (after ? [[key, after] as const] : []));
    return Object.fromEntries(alive.sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  async source(): Promise<Record<string, unknown>> {
    const entries: [string, object][] = [];
    for (const table of this.#tables) {
      const [rows] = await this.admin.query(`SELECT id, v FROM ${table}`);
      for (const { id, v } of rows as { id: number; v: string }[])
        entries.push([JSON.stringify({ table, key: { id } }), { id, v }]);
    }
    return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** Until log and loads are done, and a target of versions equals the source. */
  async untilEqual(): Promise<void> {
    let last: unknown;
    await waitFor(
      async () => {
        const open = (await this.jobs()).filter(({ state }) => state !== 'done');
        if (open.length > 0 || (await this.log()) > 0) return false;
        const [target, source] = [await this.target(), await this.source()];
        last = { target, source };
        return JSON.stringify(target) === JSON.stringify(source);
      },
      { timeoutMs: 30_000, everyMs: 300 },
    ).catch((error: Error) => {
      throw new Error(
        `${error.message}\n${JSON.stringify({ last, relays: this.#relays.map(({ lines }) => lines) }).slice(0, 6_000)}`,
      );
    });
  }

  async close(): Promise<void> {
    for (const connection of this.#connections) connection.destroy();
    await this.stopAll();
    await this.publisher.stop();
    const admin = this.kafka.admin();
    const existing = await admin.topics();
    await admin.deleteTopics(Object.values(this.config.topics).filter((topic) => existing.has(topic)));
    for (const captureSchema of this.#schemas) {
      await uninstallCapture(this.admin, { captureSchema }, { all: true });
      await this.admin.query(`DROP DATABASE IF EXISTS ${captureSchema}`);
    }
    await this.admin.query(`DROP DATABASE ${this.database}`);
    this.admin.destroy();
  }
}

function apply(rows: Map<string, TopicState>, { key, value, headers }: InRecord): void {
  const version = parseVersion(headerText(headers, header.version));
  if (version === undefined) return;
  const control = headerText(headers, header.control);
  if (control === 'sweep') {
    const { table } = JSON.parse(key!.toString()) as { table: string };
    for (const [row, state] of rows)
      if (state.version < version && row.startsWith(`{"table":${JSON.stringify(table)},`))
        rows.set(row, { version, after: null });
  }
  if (control !== undefined) return;
  const row = key!.toString();
  if (version <= (rows.get(row)?.version ?? '')) return;
  const { after } = JSON.parse(value!.toString()) as { after: Record<string, unknown> | null };
  rows.set(row, { version, after });
}
