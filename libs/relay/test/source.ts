import { Writable } from 'node:stream';
import {
  LogReader,
  namesOf,
  oldestTransactions,
  openMysql,
  uninstallCapture,
  type Connection,
} from '@tributary/capture';
import { captureDataSource, SnapshotJob } from '@tributary/capture-store';
import { ActivityMeter, Metrics, PausedTables, TableStates } from '@tributary/service';
import { SnapshotJobs } from '@tributary/snapshot';
import { parseSyncConfig, type SyncConfig } from '@tributary/sync-config';
import { oneOf, stackEnv, uniqueName, waitFor } from '@tributary/testing';
import { pino } from 'pino';
import { installAtStart, leadTerm, TopicPositions } from '../src';
import type { JobStore, RelayContext } from '../src/ports';
import { MemoryKafka } from './memory-kafka';

const environment = stackEnv();

/** A load waits for all transactions of the server that change rows, and other tests hold some open on purpose. */
const IDLE_MS = 90_000;

export type Flavour = 'mysql' | 'mariadb';
/** Both servers, where the stack has both; for `describe.each`. */
export const flavours: [Flavour, ...Flavour[]] = environment.ADMIN_MARIADB_URL
  ? ['mysql', 'mariadb']
  : ['mysql'];
/** For what is the same whichever server it is. */
export const usualFlavours = oneOf(...flavours);

interface LogLine {
  readonly level: string;
  readonly msg: string;
  readonly event?: string;
  readonly table?: string;
}

/** One term of leadership in the test's own process. */
export interface Term {
  /** Resolves or rejects as the term does. */
  readonly ended: Promise<void>;
  readonly lines: readonly LogLine[];
  events(event: string): LogLine[];
  /** Of `tributary_events_total`, over all tables. */
  counted(outcome: string): Promise<number>;
  /** Ends it as a process ends that is asked to. */
  stop(): Promise<void>;
}

interface Row {
  readonly [column: string]: unknown;
}

/** A source with captured tables `(id, v)` on a real server, whose terms publish into memory. */
export class Source {
  readonly database = uniqueName('relay');
  readonly captureSchema = uniqueName('tributary_relay');
  readonly kafka: MemoryKafka;
  readonly #url: string;
  readonly #adminUrl: string;
  readonly #connections: Connection[] = [];
  /** Those that were ever begun. */
  readonly terms: Term[] = [];
  /** May do everything; its current database is the source's. */
  admin!: Connection;
  /** The sync file; a test may exchange it between terms. */
  config: SyncConfig;

  constructor(
    flavour: Flavour = 'mysql',
    private readonly names: readonly string[] = ['t'],
  ) {
    const maria = flavour === 'mariadb';
    this.#url = (maria ? environment.MARIADB_URL : environment.MYSQL_URL)!;
    this.#adminUrl = (maria ? environment.ADMIN_MARIADB_URL : environment.ADMIN_MYSQL_URL)!;
    this.config = this.configOf('');
    this.kafka = new MemoryKafka(this.config);
  }

  /** The sync file with more settings for each table, e.g. `, before: true`. */
  configOf(more: string): SyncConfig {
    const tables = this.names.map((name) => `{ table: ${this.table(name)}${more} }`).join(', ');
    return parseSyncConfig(
      `{ topics: { prefix: ${this.database}, partitions: 1 }, capture: { schema: ${this.captureSchema} }, tables: [${tables}] }`,
    );
  }

  table(name = 't'): string {
    return `${this.database}.${name}`;
  }

  async open(): Promise<this> {
    const creator = await openMysql(this.#adminUrl);
    await creator.query(`CREATE DATABASE ${this.database} CHARACTER SET utf8mb4`);
    creator.destroy();
    this.admin = await this.connect();
    for (const name of this.names)
      await this.admin.query(`CREATE TABLE ${name} (id INT PRIMARY KEY, v LONGTEXT)`);
    await this.install();
    return this;
  }

  /** What a relay does before it first asks for the lead; answers what it told. */
  async install(): Promise<readonly LogLine[]> {
    const relay = await openMysql(this.#url);
    const lines: LogLine[] = [];
    await installAtStart(this.#context(lines), relay, this.#store());
    relay.destroy();
    return lines;
  }

  /** A further connection of an application's. */
  async connect(): Promise<Connection> {
    const connection = await openMysql(this.#adminUrl, { database: this.database });
    this.#connections.push(connection);
    return connection;
  }

  async query<R = Row>(sql: string): Promise<R[]> {
    return (await this.admin.query(sql))[0] as R[];
  }

  reader(owner: string): Promise<LogReader> {
    return LogReader.open({ url: this.#url, captureSchema: this.captureSchema, owner });
  }

  /** Begins a term, and waits until it leads; it waits for the end of another one's. */
  async lead(): Promise<Term> {
    const reader = await this.reader('test');
    await waitFor(() => reader.acquireLease(1), { timeoutMs: 20_000 });
    const lines: LogLine[] = [];
    const context = this.#context(lines);
    const positions = new TopicPositions();
    this.kafka.onAcknowledged = (partition, end) => positions.note(partition, end);
    const stop = new AbortController();
    const idle = { watch: async () => undefined };
    const { publisher, schemas, notes, broker, deadLetterSender: deadLetters } = this.kafka;
    const paused = new PausedTables({ context, notes, lookMs: 100 });
    let led = () => {};
    const leading = new Promise<void>((resolve) => (led = resolve));
    const over = leadTerm(
      {
        ...{ context, reader, positions, publisher, schemas, notes, broker, deadLetters, paused },
        ...{
          activity: new ActivityMeter(),
          gauges: idle,
          verified: idle,
          loads: idle,
          drift: { found: () => undefined },
          store: this.#store(),
          onLeading: led,
        },
        report: { set: () => undefined, clear: () => undefined },
      },
      stop.signal,
    );
    const ended = (async () => {
      try {
        return await over;
      } finally {
        await reader.close();
      }
    })();
    ended.catch(() => undefined);
    const term: Term = {
      ...{ ended, lines },
      events: (event) => lines.filter((line) => line.event === event),
      counted: async (outcome) => (await context.metrics.outcomes())[outcome] ?? 0,
      stop: () => {
        stop.abort();
        return ended;
      },
    };
    this.terms.push(term);
    await Promise.race([leading, ended]);
    return term;
  }

  #store(): JobStore {
    const source = captureDataSource(this.#url, this.captureSchema);
    return { source, jobs: new SnapshotJobs(source.getRepository(SnapshotJob)) };
  }

  #context(lines: LogLine[]): RelayContext {
    const write = (chunk: Buffer, _: unknown, done: () => void) => {
      lines.push(JSON.parse(chunk.toString()) as LogLine);
      done();
    };
    const formatters = { level: (level: string) => ({ level }) };
    const log = pino({ level: 'debug', formatters }, new Writable({ write }));
    const metrics = new Metrics('trigger-relay', this.config);
    const tables = new TableStates(log, metrics);
    const env = { config: this.config, mysqlUrl: this.#url };
    return { app: 'trigger-relay', instance: uniqueName('i'), env, log, metrics, tables };
  }

  /** Entries of rows that the log holds, and loads of a table that were ever asked for, at one moment. */
  async pending(name = 't'): Promise<{ entries: number; loads: number; open: number }> {
    const jobs = `${this.captureSchema}.snapshot_job`;
    const [found] = await this.query<Record<string, unknown>>(
      `SELECT (SELECT COUNT(*) FROM ${this.captureSchema}.change_log WHERE op <> 'm') AS entries,
         (SELECT COUNT(*) FROM ${jobs} WHERE table_name = '${this.table(name)}') AS loads,
         (SELECT COUNT(*) FROM ${jobs} WHERE state IN ('queued', 'running')) AS open`,
    );
    return {
      entries: Number(found!['entries']),
      loads: Number(found!['loads']),
      open: Number(found!['open']),
    };
  }

  /** Asks for a load, as an operator does. */
  async load(name = 't'): Promise<void> {
    await this.query(
      `INSERT INTO ${this.captureSchema}.snapshot_job (table_name, created_at) VALUES ('${this.table(name)}', UTC_TIMESTAMP(6))`,
    );
  }

  /** What the open load waits for, as the relay says once that has taken seconds. */
  async loadWaitsFor(): Promise<unknown> {
    const [job] = await this.query(
      `SELECT waits_for FROM ${this.captureSchema}.snapshot_job WHERE state = 'running'`,
    );
    return job?.['waits_for'];
  }

  /** Until what the topic says equals the source, and nothing is left to do. */
  async untilEqual(): Promise<void> {
    await waitFor(
      async () => {
        await this.untilIdle();
        return JSON.stringify(this.kafka.held()) === JSON.stringify(await this.rows());
      },
      { timeoutMs: IDLE_MS },
    );
  }

  /** Until nothing waits in the log, and no load is open. */
  async untilIdle(): Promise<void> {
    await waitFor(
      async () => {
        const { entries, open } = await this.pending();
        return entries + open === 0;
      },
      { timeoutMs: IDLE_MS },
    ).catch(async (cause: unknown) => {
      throw new Error(`It did not become idle: ${await this.#whatIsOpen()}`, { cause });
    });
  }

  async #whatIsOpen(): Promise<string> {
    const { entries, open } = await this.pending();
    const waits = JSON.stringify(await this.loadWaitsFor());
    const others = await oldestTransactions(this.admin);
    return `${entries} entries, ${open} loads (waiting for ${waits}), and on the server ${others.length > 0 ? namesOf(others) : 'no transaction'}`;
  }

  /** The source's rows as `MemoryKafka.held` has them. */
  async rows(): Promise<Record<string, unknown>> {
    const all: [string, Row][] = [];
    for (const table of this.names.map((name) => this.table(name)))
      for (const row of await this.query(`SELECT * FROM ${table}`))
        all.push([JSON.stringify({ table, key: { id: row['id'] } }), row]);
    return Object.fromEntries(all.sort());
  }

  async close(): Promise<void> {
    for (const term of this.terms) await term.stop().catch(() => undefined);
    for (const connection of this.#connections) connection.destroy();
    const cleaner = await openMysql(this.#adminUrl);
    await uninstallCapture(cleaner, this.config, { all: true });
    for (const name of [this.database, this.captureSchema])
      await cleaner.query(`DROP DATABASE IF EXISTS ${name}`);
    cleaner.destroy();
  }
}
