import { openMysql, type Connection } from '@tributary/capture';
import type { Log, Transport } from '@tributary/transport';
import { createKafka } from '@tributary/transport-kafkajs';
import { readEnv, type Needs, type ServiceEnv } from '@tributary/service';
import { connectMongo, connectRedis } from '@tributary/targets';
import type { Redis } from 'ioredis';
import type { mongo } from 'mongoose';

/** Opens the servers that use cases need, on first use, until `close`. */
export class Servers {
  readonly env: ServiceEnv;
  readonly #closers: (() => Promise<unknown>)[] = [];
  #kafka: Transport | undefined;

  constructor(
    needs: Needs,
    private readonly log: Log,
    variables: NodeJS.ProcessEnv = process.env,
  ) {
    this.env = readEnv(needs, undefined, variables);
  }

  get config() {
    return this.env.config;
  }

  /** A MySQL connection of its own. Throws a SyncError, like the others. */
  async mysql(): Promise<Connection> {
    const connection = await openMysql(this.env.mysqlUrl);
    this.#closers.push(async () => connection.destroy());
    return connection;
  }

  get kafka(): Transport {
    const { partitions, compression } = this.config;
    const settings = { ...this.env.kafka, clientId: 'tributary-cli', partitions, compression };
    return (this.#kafka ??= createKafka(settings, this.log));
  }

  async mongo(): Promise<mongo.MongoClient> {
    const connection = await connectMongo(this.env.mongodbUri);
    this.#closers.push(() => connection.close());
    return connection.getClient();
  }

  async redis(): Promise<Redis> {
    const { redisUrl, redisTls } = this.env;
    const failed = ({ message }: Error) =>
      this.log.warn({ reason: message }, 'The connection to Redis has failed');
    const redis = await connectRedis(redisUrl, failed, redisTls);
    this.#closers.push(async () => redis.disconnect());
    return redis;
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#closers.map((close) => close()));
  }
}
