import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openMysql, type Connection } from '@tributary/capture';
import {
  listDeadLetters,
  Servers,
  Verification,
  verifyDefaults,
  type OperationContext,
  type VerificationInput,
} from '@tributary/operations';
import { createKafka } from '@tributary/transport-kafkajs';
import { connectMongo, connectRedis, targetPlugins } from '@tributary/targets';
import { loadSyncConfig, type SyncConfig } from '@tributary/sync-config';
import { stackEnv, uniqueName, waitFor } from '@tributary/testing';
import type { Redis } from 'ioredis';
import type { Connection as MongoConnection } from 'mongoose';
import { inProcess } from '../in-process';
import { build, root, startTributary, type Ran } from '../tributary';

const env = stackEnv();
const services = ['trigger-relay', 'validator', 'mongo-sink', 'redis-sink'];
export const ROWS = 300;
export const silent = { debug() {}, info() {}, warn() {}, error() {} };
export const kafka = createKafka({ brokers: env.KAFKA_BROKERS.split(','), clientId: 'test' }, silent);

/** Tables of 300 rows on a running pipeline, by default one, and the command line beside it. */
export class CliPipeline {
  readonly name = uniqueName('cli');
  readonly #folder = mkdtempSync(join(tmpdir(), 'tributary-pipeline-'));
  #file = join(this.#folder, 'sync.yaml');
  #bundles!: string;
  admin!: Connection;
  mongo!: MongoConnection;
  redis!: Redis;
  readonly #running: ChildProcess[] = [];

  constructor(private readonly tables: readonly string[] = ['t']) {}

  readonly cli = (...args: string[]): Promise<Ran> => inProcess(args, { SYNC_CONFIG: this.#file });

  /** A command that does not end by itself. */
  readonly begin = (...args: string[]) => startTributary(this.#bundles, args, { SYNC_CONFIG: this.#file });

  /** Runs a command with `--json`. */
  readonly run = async <T>(...args: string[]): Promise<{ code: number | null; result: T }> => {
    const { code, out, err } = await this.cli(...args, '--json');
    if (out === '') throw new Error(`${args.join(' ')}: ${err}`);
    return { code, result: JSON.parse(out) as T };
  };

  /** What a command does, without a process that is started for it: for what is asked again and again. */
  async operate<T>(work: (context: OperationContext) => Promise<T>): Promise<T> {
    const needs = { mysql: true, kafka: true, targets: targetPlugins };
    const servers = new Servers(needs, silent, { ...process.env, SYNC_CONFIG: this.#file });
    try {
      return await work({ servers, log: silent, note: () => undefined });
    } finally {
      await servers.close();
    }
  }

  /** What `tributary verify` finds. */
  verification(more: Partial<VerificationInput> = {}) {
    return this.operate(async (context) => {
      const verification = await Verification.open(context, more.target);
      return verification.once({ ...verifyDefaults, patienceMs: 10_000, by: 'a test', ...more });
    });
  }

  /** How many dead letters are open. */
  readonly openDeadLetters = (): Promise<number> =>
    this.operate(async (context) => (await listDeadLetters(context, { filter: {}, limit: 1 })).total);

  /** Runs a command on a sync file of this pipeline that has more entries of tables. */
  cliWith(entries: string, ...args: string[]): Promise<Ran> {
    const file = join(this.#folder, 'more.yaml');
    writeFileSync(file, readFileSync(this.#file, 'utf8').replace(/ \]\n$/, `, ${entries} ]\n`));
    return inProcess(args, { SYNC_CONFIG: file });
  }

  async start(): Promise<void> {
    this.#bundles = build('cli', ...services);
    this.#configure(this.name);
    this.admin = await openMysql(env.ADMIN_MYSQL_URL);
    await this.admin.query(`CREATE DATABASE ${this.name}`);
    const rows = Array.from({ length: ROWS }, (_, id) => [id, id, `row ${id}`]);
    for (const table of this.tables) {
      await this.admin.query(
        `CREATE TABLE ${this.name}.${table} (id INT PRIMARY KEY, n BIGINT, s VARCHAR(50))`,
      );
      await this.admin.query(`INSERT INTO ${this.name}.${table} VALUES ?`, [rows]);
    }
    this.mongo = await connectMongo(env.MONGODB_URI);
    this.redis = await connectRedis(env.REDIS_URL, () => undefined);
    await this.run('capture', 'install');
    this.startServices();
    await this.untilLoaded();
  }

  /** Goes on under another prefix and with another capture schema, as a pipeline that was moved: nothing is installed or runs yet. */
  async move(): Promise<void> {
    await this.stopServices();
    this.#file = join(this.#folder, 'moved.yaml');
    this.#configure(this.moved);
  }

  get moved(): string {
    return `${this.name}m`;
  }

  get config(): SyncConfig {
    return loadSyncConfig(this.#file);
  }

  startServices(): void {
    for (const app of services) {
      const log = openSync(join(this.#folder, `${app}.log`), 'w');
      this.#running.push(
        spawn(process.execPath, [join(this.#bundles, app, 'main.js')], {
          cwd: root,
          env: { ...process.env, SYNC_CONFIG: this.#file, PORT: '0', LOG_LEVEL: 'info' },
          stdio: ['ignore', log, log],
        }),
      );
    }
  }

  service(app: string): ChildProcess {
    return this.#running[services.indexOf(app)]!;
  }

  async untilLoaded(): Promise<void> {
    await waitFor(
      async () => {
        const [jobs] = await this.admin.query(`SELECT state FROM tributary_${this.name}.snapshot_job`);
        return (
          (jobs as { state: string }[]).map(({ state }) => state).join() ===
          this.tables.map(() => 'done').join()
        );
      },
      { timeoutMs: 60_000, everyMs: 100 },
    ).catch((error: Error) => {
      const logs = services.map((app) => readFileSync(join(this.#folder, `${app}.log`), 'utf8').slice(-500));
      throw new Error(`${error.message}\n${logs.join('\n')}`);
    });
  }

  /** What the command line does while the sync file says this of the table; the services read it at their start only. */
  async withSettings<T>(members: string, work: () => Promise<T>): Promise<T> {
    this.#configure(this.name, members);
    try {
      return await work();
    } finally {
      this.#configure(this.name);
    }
  }

  #configure(prefix: string, members = ''): void {
    const tables = this.tables.map((table) => `{ table: ${this.name}.${table} ${members} }`).join(', ');
    writeFileSync(
      this.#file,
      `topics: { prefix: ${prefix}, partitions: 2 }\ncapture: { schema: tributary_${prefix} }\ntables: [ ${tables} ]\n`,
    );
  }

  async stopServices(): Promise<void> {
    const running = this.#running.splice(0);
    for (const child of running) child.kill('SIGTERM');
    await Promise.all(
      running.map(async (child) => child.exitCode ?? new Promise((done) => child.once('exit', done))),
    );
  }

  async stop(): Promise<void> {
    await this.stopServices();
    await this.admin?.query(`DROP DATABASE IF EXISTS ${this.name}`);
    await this.admin?.query(`DROP DATABASE IF EXISTS tributary_${this.moved}`);
    await this.admin?.query(`DROP DATABASE IF EXISTS tributary_${this.name}`);
    this.admin?.destroy();
    await this.mongo?.getClient().db(this.name).dropDatabase();
    await this.mongo?.close();
    for await (const keys of this.redis?.scanStream({ match: `*${this.name}*`, count: 1000 }) ?? [])
      if ((keys as string[]).length > 0) await this.redis.del(...(keys as string[]));
    this.redis?.disconnect();
    const topics = kafka.admin();
    await topics.deleteTopics([...(await topics.topics())].filter((topic) => topic.startsWith(this.name)));
    for (const path of [this.#folder, this.#bundles]) rmSync(path, { recursive: true, force: true });
  }
}
