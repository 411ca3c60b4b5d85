import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { mysqlOptions } from '@tributary/capture';
import { stackEnv, uniqueName, waitFor, type TestServers } from '@tributary/testing';
import Redis, { type RedisOptions } from 'ioredis';
import mongoose from 'mongoose';
import { createConnection as mysqlConnection, type Connection } from 'mysql2/promise';
import { Operations } from './operations';
import { apps, inherited, ServiceProcess, type Program } from './service-process';

const root = join(__dirname, '../..');

export interface PipelineOptions {
  /** Tables for the sync file, `$db` for the test's database; default all of it. */
  readonly tables?: string;
  /** Letters that the database's name ends with, none of them a back-tick or anything that YAML escapes. */
  readonly databaseSuffix?: string;
  readonly mysql?: 'mysql' | 'mariadb';
  /** The servers; default those of the test stack. */
  readonly servers?: TestServers;
  /** For the test's own connection to Redis. */
  readonly redis?: { readonly url: string; readonly options: RedisOptions };
  /** Variables that replace the stack's addresses for the services. */
  readonly env?: NodeJS.ProcessEnv;
}

/**
 * A whole pipeline of its own on the test stack: a fresh database, topic prefix, capture schema and Redis key
 * space, and the four built services as processes.
 */
export class Pipeline {
  readonly prefix = uniqueName('e2e');
  readonly database: string;
  readonly captureSchema = `tributary_${this.prefix}`;
  readonly folder = join(root, '.tributary/e2e', this.prefix);
  readonly syncFile = join(this.folder, 'sync.yaml');
  readonly services = new Map<Program, ServiceProcess>();
  readonly redis: Redis;
  admin!: Connection;
  mongo!: mongoose.Connection;
  readonly #env: NodeJS.ProcessEnv;
  readonly #operations: Operations;
  readonly #servers: TestServers;
  /** An account that may do everything. */
  readonly adminUrl: string;

  constructor(private readonly options: PipelineOptions = {}) {
    this.database = `${this.prefix}${options.databaseSuffix ?? ''}`;
    const servers = (this.#servers = options.servers ?? stackEnv());
    const mariadb = options.mysql === 'mariadb';
    this.adminUrl = (mariadb ? servers.ADMIN_MARIADB_URL : servers.ADMIN_MYSQL_URL)!;
    const { url, options: settings } = options.redis ?? { url: servers.REDIS_URL, options: {} };
    this.redis = new Redis(url, { maxRetriesPerRequest: null, ...settings });
    this.#env = {
      ...servers,
      MYSQL_URL: mariadb ? servers.MARIADB_URL : servers.MYSQL_URL,
      SYNC_CONFIG: this.syncFile,
      ...options.env,
    };
    this.#operations = new Operations(this.#env);
  }

  /** Replaces variables for the command line, and for services that are started from now on. */
  setEnv(env: NodeJS.ProcessEnv): void {
    Object.assign(this.#env, env);
  }

  get mongodbUri(): string {
    return this.#servers.MONGODB_URI;
  }

  /** Creates the database with `ddl` and the sync file; starts nothing. */
  async prepare(ddl: readonly string[], extraYaml = ''): Promise<void> {
    mkdirSync(this.folder, { recursive: true });
    const tables = this.options.tables ?? '  - table: "$db.*"\n';
    writeFileSync(
      this.syncFile,
      `topics: { prefix: ${this.prefix}, partitions: 4 }\ncapture: { schema: ${this.captureSchema} }\n${extraYaml}tables:\n${tables.replaceAll('$db', () => this.database)}`,
    );
    await this.connect();
    await this.admin.query(`CREATE DATABASE \`${this.database}\` CHARACTER SET utf8mb4`);
    await this.admin.query(`USE \`${this.database}\``);
    for (const statement of ddl) await this.admin.query(statement);
    await this.connectMongo();
  }

  /** Also anew: a driver that has seen a server before it was set back may select none for half a minute. */
  async connectMongo(): Promise<void> {
    await this.mongo?.close();
    this.mongo = await mongoose.createConnection(this.mongodbUri).asPromise();
  }

  /** Opens the administrator's connection to the source. */
  async connect(): Promise<void> {
    this.admin = await this.anotherAdmin();
  }

  /** One more connection of the administrator's; the caller ends it. */
  anotherAdmin(): Promise<Connection> {
    const { host, port, user, password, ssl, stream } = mysqlOptions(this.adminUrl);
    return mysqlConnection({
      ...{ host: host!, port: port!, user: user!, password: password! },
      ...(ssl && { ssl, stream }),
      charset: 'utf8mb4',
      multipleStatements: false,
      supportBigNumbers: true,
      bigNumberStrings: true,
      dateStrings: true,
    });
  }

  /** `env` replaces variables for this service alone. */
  async start(app: Program, env: NodeJS.ProcessEnv = {}): Promise<ServiceProcess> {
    const service = await ServiceProcess.start(app, { ...this.#env, ...env }, this.folder);
    this.services.set(app, service);
    return service;
  }

  async startAll(): Promise<void> {
    for (const app of apps) await this.start(app);
    await Promise.all([...this.services.values()].map((service) => service.untilReady()));
  }

  /** The driver's own: mongoose has none for a while after the server was restarted. */
  get documents() {
    return this.mongo.getClient().db(this.database);
  }

  collection(name: string) {
    return this.documents.collection(name);
  }

  /** Starts the operator's command line with this pipeline's environment. */
  spawnCli(...args: string[]): ChildProcess {
    return spawn(process.execPath, [join(root, 'dist/apps/cli/main.js'), ...args], {
      cwd: root,
      env: { ...inherited(), ...this.#env },
    });
  }

  /**
   * Runs the command line to its end, as a process beside the test: proxies and connections of the test's own process
   * work meanwhile, which others may wait for.
   */
  async cli(...args: string[]): Promise<{ status: number | null; stdout: string; stderr: string }> {
    const child = this.spawnCli(...args);
    const texts = [child.stdout!, child.stderr!].map((stream) => text(stream));
    const status = await new Promise<number | null>((resolve) => child.once('close', resolve));
    return { status, stdout: await texts[0]!, stderr: await texts[1]! };
  }

  /** Runs the command line and gives what it prints with `--json`. */
  async json<T>(...args: string[]): Promise<{ code: number | null; result: T }> {
    const { status, stdout, stderr } = await this.cli(...args, '--json');
    if (status === 1) throw new Error(stderr || stdout);
    return { code: status, result: JSON.parse(stdout) as T };
  }

  /** Waits until a verification finds both targets equal; fails with what the last one found. */
  async untilEqual(timeoutMs = 90_000): Promise<void> {
    let last = '';
    await waitFor(
      async () => {
        const found = await this.#operations.differences();
        last = found ?? '';
        return found === undefined;
      },
      { timeoutMs, everyMs: 500 },
    ).catch((error: Error) => {
      throw new Error(`${error.message}\n${last.slice(0, 4_000)}`);
    });
  }

  /** What `tributary trace` says, without a process that is started for it: for what is asked again and again. */
  trace(table: string, ...key: string[]) {
    return this.#operations.trace(table, ...key);
  }

  /** The open dead letters. */
  deadLetters() {
    return this.#operations.deadLetters();
  }

  async stop(): Promise<void> {
    await Promise.all([...this.services.values()].map((service) => service.end('SIGTERM')));
    await this.admin?.query(`DROP DATABASE IF EXISTS \`${this.database}\``);
    await this.admin?.query(`DROP DATABASE IF EXISTS \`${this.captureSchema}\``);
    await this.admin?.end();
    if (this.mongo) await this.documents.dropDatabase();
    await this.mongo?.close();
    const keys = await this.redis.keys(`*${this.database}*`);
    if (keys.length > 0) await this.redis.del(keys);
    this.redis.disconnect();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
