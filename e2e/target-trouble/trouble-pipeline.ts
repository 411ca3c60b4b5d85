import type { TopicAdmin } from '@tributary/transport';
import { createKafka } from '@tributary/transport-kafkajs';
import { TcpProxy, waitFor, type TestServers } from '@tributary/testing';
import type { StackEnv } from '@tributary/dev-stack';
import { Pipeline } from '../support/pipeline';
import { apps, type App, type ServiceProcess } from '../support/service-process';

/** The one that `npm test` lets nobody else use meanwhile, else one of its own. */
const shared = process.env['TRIBUTARY_FAULTS_STACK'];
export const stack = shared ?? 'target-trouble';
export const ownsStack = shared === undefined;
export const ROWS = 1000;

const silent = { debug() {}, info() {}, warn() {}, error() {} };

/** A pipeline on servers of its own that may be broken, with eyes for readiness and dead letters. */
export class TroublePipeline extends Pipeline {
  readonly #topics: TopicAdmin;

  private constructor(
    servers: StackEnv,
    /** Stands between the MongoDB sink and its server. */
    readonly mongoProxy: TcpProxy,
  ) {
    super({ servers: servers as TestServers });
    const [brokers, clientId] = [[servers.KAFKA_BROKERS], 'trouble-test'];
    this.#topics = createKafka({ brokers, clientId }, silent).admin();
    this.redis.on('error', () => undefined);
  }

  static async open(servers: StackEnv): Promise<TroublePipeline> {
    const address = /127\.0\.0\.1:\d+/.exec(servers.MONGODB_URI)![0];
    return new TroublePipeline(servers, await TcpProxy.open(address));
  }

  override start(app: App): Promise<ServiceProcess> {
    const address = this.mongoProxy.address;
    // Direct, or the driver would go to the address that the server calls its own.
    const uri = new URL(this.mongodbUri.replace(/127\.0\.0\.1:\d+/, address));
    uri.searchParams.set('directConnection', 'true');
    return super.start(app, app === 'mongo-sink' ? { MONGODB_URI: uri.href } : {});
  }

  async reconnect(): Promise<void> {
    await this.connect();
    await this.admin.query(`USE \`${this.database}\``);
  }

  /** Inserts ROWS rows from this id on. */
  async insertThings(first: number): Promise<void> {
    const rows = Array.from({ length: ROWS }, (_, at) => [first + at, at, `thing ${first + at}`, null]);
    await this.admin.query('INSERT INTO things VALUES ?', [rows]);
  }

  async setN(id: number, n: number): Promise<void> {
    await this.admin.query('UPDATE things SET n = ? WHERE id = ?', [n, id]);
  }

  /** Records on the dead-letter topic, replay marks included. */
  async deadLetterRecords(): Promise<number> {
    const marks = await this.#topics.watermarks(`${this.prefix}.dead-letters`);
    return [...marks.values()].reduce((sum, { low, high }) => sum + Number(high - low), 0);
  }

  /** Waits until readiness is 503 and its answer names the reason. */
  async untilUnready(app: App, reason: RegExp): Promise<void> {
    let last = '';
    await waitFor(
      async () => {
        const { status, body } = await this.services.get(app)!.get('/health/ready');
        last = `${status} ${body}`;
        return status === 503 && reason.test(body);
      },
      { timeoutMs: 90_000, everyMs: 200 },
    ).catch((error: Error) => {
      throw new Error(`${app} does not say ${reason}: ${error.message}\n${last}`);
    });
  }

  override async startAll(): Promise<void> {
    for (const app of apps) await this.start(app);
    await this.untilAllReady();
  }

  async untilAllReady(): Promise<void> {
    await Promise.all(apps.map((app) => this.services.get(app)!.untilReady(120_000)));
  }

  /** Fails when a service does not answer that it lives. */
  async untilAllAlive(): Promise<void> {
    const lives = async (app: App) => (await this.services.get(app)!.get('/health/live')).status === 200;
    await Promise.all(apps.map((app) => waitFor(() => lives(app), { timeoutMs: 30_000, everyMs: 500 })));
  }

  async untilInMongo(id: number, fields: object): Promise<void> {
    const found = () => this.collection('things').findOne({ _id: id as never, ...fields });
    await waitFor(found, { timeoutMs: 60_000, everyMs: 100 });
  }

  async untilInRedis(id: number, fields: Record<string, string>): Promise<void> {
    const key = `${this.database}:things:${id}`;
    await waitFor(
      async () => {
        const held = await this.redis.hgetall(key);
        return Object.entries(fields).every(([name, value]) => held[name] === value);
      },
      { timeoutMs: 60_000, everyMs: 100 },
    );
  }

  override async stop(): Promise<void> {
    await super.stop();
    await this.mongoProxy.close();
  }
}
