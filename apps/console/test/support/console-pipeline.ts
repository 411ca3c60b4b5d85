import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openMysql, type Connection } from '@tributary/capture';
import { install, Servers } from '@tributary/operations';
import { connectMongo, connectRedis, targetPlugins } from '@tributary/targets';
import { sample, stackEnv, waitFor } from '@tributary/testing';
import { readAll } from '@tributary/transport';
import type { Redis } from 'ioredis';
import type { Connection as MongoConnection } from 'mongoose';
import { kafka, TestFiles } from './test-console';

const root = join(__dirname, '../../../..');
const apps = ['trigger-relay', 'validator', 'mongo-sink', 'redis-sink'] as const;
const env = stackEnv();
const silent = { debug() {}, info() {}, warn() {}, error() {} };
export const ROWS = 200;

const messageKey = (table: string, id: number) => JSON.stringify({ table, key: { id } });

/** What is stale of the services, as `npm run` commands do. */
function build(): void {
  const code = `import('./libs/dev-services/src/ensure-built.cjs').then((m) => m.ensureBuilt(${JSON.stringify(apps)}))`;
  const { status, stderr } = spawnSync(process.execPath, ['-e', code], { cwd: root, encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
}

/** Two tables on a running pipeline of its own, with the built services as processes. */
export class ConsolePipeline {
  readonly files = new TestFiles();
  readonly name = this.files.name;
  readonly table = `${this.name}.people`;
  readonly #running = new Map<string, ChildProcess>();
  admin!: Connection;
  mongo!: MongoConnection;
  redis!: Redis;

  async start(): Promise<void> {
    build();
    this.admin = await openMysql(env.ADMIN_MYSQL_URL);
    await this.admin.query(`CREATE DATABASE ${this.name}`);
    await this.admin.query(`CREATE TABLE ${this.table} (id INT PRIMARY KEY, n BIGINT, mail VARCHAR(50))`);
    await this.admin.query(`CREATE TABLE ${this.name}.pairs (a INT, b INT, secret TEXT, PRIMARY KEY (a, b))`);
    await this.admin.query(`INSERT INTO ${this.name}.pairs VALUES (1, 2, 'secret of one and two')`);
    const rows = Array.from({ length: ROWS }, (_, id) => [id, id, `secret ${id}`]);
    await this.admin.query(`INSERT INTO ${this.table} VALUES ?`, [rows]);
    this.mongo = await connectMongo(env.MONGODB_URI);
    this.redis = await connectRedis(env.REDIS_URL, () => undefined);
    await this.#install();
    for (const app of apps) this.startService(app);
    await this.untilLoaded();
  }

  startService(app: (typeof apps)[number]): void {
    const log = openSync(join(this.files.folder, `${app}.log`), 'a');
    const child = spawn(process.execPath, [join(root, 'dist/apps', app, 'main.js')], {
      cwd: root,
      env: {
        ...process.env,
        SYNC_CONFIG: this.files.syncFile,
        PORT: '0',
        HTTP_HOST: '127.0.0.1',
        LOG_LEVEL: 'info',
      },
      stdio: ['ignore', log, log],
    });
    this.#running.set(app, child);
  }

  async stopService(app: string, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const child = this.#running.get(app);
    this.#running.delete(app);
    if (!child || child.exitCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await ended;
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#running.keys()].map((app) => this.stopService(app)));
    for (const database of [this.name, `tributary_${this.name}`])
      await this.admin?.query(`DROP DATABASE IF EXISTS ${database}`);
    this.admin?.destroy();
    await this.mongo?.getClient().db(this.name).dropDatabase();
    await this.mongo?.close();
    for await (const keys of this.redis?.scanStream({ match: `*${this.name}*`, count: 1000 }) ?? [])
      if ((keys as string[]).length > 0) await this.redis.del(...(keys as string[]));
    this.redis?.disconnect();
    await this.files.remove();
  }

  /** Has the validator reject so many rows from this one on: the changes of the load again, with a value that is no number. */
  async reject(firstId: number, many = 1): Promise<void> {
    const keys = Array.from({ length: many }, (_, at) => messageKey(this.table, firstId + at));
    const found = new Map<string, sample.SampleRecord>();
    await readAll(kafka, `${this.name}.changes`, (_, records) => {
      for (const { key, value, headers } of records)
        if (value && keys.includes(String(key)))
          found.set(String(key), { key: key!, value, headers } as sample.SampleRecord);
    });
    const publisher = kafka.publisher();
    await publisher.start();
    const wrong = [...found.values()].map((record) => {
      const { n } = (JSON.parse(record.value.toString()) as { after: { n: string } }).after;
      return sample.altered(record, `"n":"${n}"`, '"n":"no number"');
    });
    expect(wrong).toHaveLength(many);
    await publisher.send(`${this.name}.changes`, wrong);
    await publisher.stop();
  }

  async #install(): Promise<void> {
    const variables = { ...process.env, SYNC_CONFIG: this.files.syncFile };
    const servers = new Servers({ mysql: true, kafka: true, targets: targetPlugins }, silent, variables);
    await install({ servers, log: silent, note: () => undefined }, {});
    await servers.close();
  }

  async untilLoaded(): Promise<void> {
    await waitFor(
      async () => {
        const [jobs] = await this.admin.query(`SELECT state FROM tributary_${this.name}.snapshot_job`);
        return (jobs as { state: string }[]).map(({ state }) => state).join() === 'done,done';
      },
      { timeoutMs: 60_000, everyMs: 200 },
    ).catch((error: Error) => {
      const logs = apps.map((app) => readFileSync(join(this.files.folder, `${app}.log`), 'utf8').slice(-500));
      throw new Error(`${error.message}\n${logs.join('\n')}`);
    });
  }
}
