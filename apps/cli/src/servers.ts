import { fatal, SyncError } from '@tributary/change-event';
import { openMysql, type Connection } from '@tributary/capture';
import { createKafka, type Kafka, type Log } from '@tributary/kafka';
import { readEnv, type Needs, type ServiceEnv } from '@tributary/service';
import { Redis } from 'ioredis';
import { mongo } from 'mongoose';

const CONNECT_MS = 5_000;

/** Opens the servers that a command needs, on first use, and closes them with the command. */
export class Servers {
  readonly env: ServiceEnv;
  readonly #closers: (() => Promise<unknown>)[] = [];
  #kafka: Kafka | undefined;

  constructor(
    needs: Needs,
    private readonly log: Log,
  ) {
    this.env = readEnv(needs);
  }

  get config() {
    return this.env.config;
  }

  /** A MySQL connection of its own. */
  async mysql(): Promise<Connection> {
    const connection = await openMysql(this.env.mysqlUrl);
    this.#closers.push(async () => connection.destroy());
    return connection;
  }

  get kafka(): Kafka {
    return (this.#kafka ??= createKafka({ ...this.env.kafka, clientId: 'tributary-cli' }, this.log));
  }

  async mongo(): Promise<mongo.MongoClient> {
    const client = new mongo.MongoClient(this.env.mongodbUri, {
      serverSelectionTimeoutMS: CONNECT_MS,
      promoteValues: false,
    });
    this.#closers.push(() => client.close());
    await client.connect();
    return client;
  }

  async redis(): Promise<Redis> {
    const redis = new Redis(this.env.redisUrl, {
      lazyConnect: true,
      connectTimeout: CONNECT_MS,
      maxRetriesPerRequest: 1,
      retryStrategy: (times) => (times > 3 ? null : 200),
    });
    let last: Error | undefined;
    redis.on('error', (error) => (last = error));
    this.#closers.push(async () => redis.disconnect());
    try {
      await redis.connect();
    } catch (error) {
      throw redisError(last ?? (error as Error));
    }
    return redis;
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#closers.map((close) => close()));
  }
}

function redisError(error: Error): SyncError {
  if (/WRONGPASS|NOAUTH|NOPERM/.test(error.message))
    return fatal('ACCESS', 'Redis refuses the login of REDIS_URL: check its user name and password.', error);
  return fatal(
    'UNREACHABLE',
    `Redis does not answer (REDIS_URL, ${(error as { code?: string }).code ?? error.message}): check that it runs and that the address is right.`,
    error,
  );
}
