import type { Certificates } from '@tributary/sync-config';
import { connectMongo, connectRedis } from '@tributary/targets';
import { readTopic } from '@tributary/transport';
import { kafkaError, type KafkajsTransport } from '@tributary/transport-kafkajs';
import type { mongo } from 'mongoose';
import type { StackEnv } from '@tributary/dev-stack';
import type { Pipeline } from '../support/pipeline';
import { apps } from '../support/service-process';
import { kafkaAccount, redisAccount, type MongoAccounts, type Principal } from './accounts';
import { kafkaWith } from './kafka-with';

export interface RightsOf {
  readonly pipeline: () => Pipeline;
  readonly servers: () => StackEnv;
  readonly mongo: () => MongoAccounts;
  readonly redisTls: () => Certificates;
}

/** Tries with each account what it must not be able to do, beside a pipeline that works with these accounts. */
export function refusedRights({ pipeline, servers, mongo, redisTls }: RightsOf): void {
  describe('Kafka', () => {
    const as = (principal: Principal): KafkajsTransport =>
      kafkaWith(servers(), { KAFKA_SASL_USERNAME: kafkaAccount(principal) });
    const topic = (name: string) => `${pipeline().prefix}.${name}`;

    async function write(kafka: KafkajsTransport, to: string): Promise<void> {
      const producer = kafka.client.producer();
      await producer.connect();
      try {
        await producer.send({ topic: to, messages: [{ key: 'k', value: '{}' }] });
      } finally {
        await producer.disconnect();
      }
    }
    async function read(kafka: KafkajsTransport, from: string): Promise<void> {
      for await (const piece of readTopic(kafka, from)) if (piece.records.length > 0) return;
    }
    async function joinGroup(kafka: KafkajsTransport, groupId: string): Promise<void> {
      const consumer = kafka.client.consumer({ groupId });
      await consumer.connect();
      try {
        await consumer.subscribe({ topic: topic('schemas') });
        const joined = new Promise<void>((resolve, reject) => {
          consumer.on('consumer.group_join', () => resolve());
          consumer.on('consumer.crash', ({ payload }) => reject(payload.error));
        });
        await Promise.all([joined, consumer.run({ eachMessage: async () => undefined })]);
      } finally {
        await consumer.disconnect();
      }
    }
    type Admin = ReturnType<KafkajsTransport['client']['admin']>;
    async function administer(
      kafka: KafkajsTransport,
      work: (admin: Admin) => Promise<unknown>,
    ): Promise<void> {
      const admin = kafka.client.admin();
      await admin.connect();
      try {
        await work(admin);
      } finally {
        await admin.disconnect();
      }
    }

    const attempts: [Principal, string, (kafka: KafkajsTransport) => Promise<void>][] = [
      ['trigger-relay', 'write validated', (kafka) => write(kafka, topic('validated'))],
      ['trigger-relay', 'join the validator', (kafka) => joinGroup(kafka, topic('validator'))],
      ['validator', 'write changes', (kafka) => write(kafka, topic('changes'))],
      ['validator', 'read validated', (kafka) => read(kafka, topic('validated'))],
      ['validator', 'write schemas', (kafka) => write(kafka, topic('schemas'))],
      ['mongo-sink', 'write changes', (kafka) => write(kafka, topic('changes'))],
      ['mongo-sink', 'write validated', (kafka) => write(kafka, topic('validated'))],
      ['mongo-sink', 'read changes', (kafka) => read(kafka, topic('changes'))],
      ['mongo-sink', 'join redis-sink', (kafka) => joinGroup(kafka, topic('redis-sink'))],
      ['redis-sink', 'write validated', (kafka) => write(kafka, topic('validated'))],
      ['redis-sink', 'join mongo-sink', (kafka) => joinGroup(kafka, topic('mongo-sink'))],
      ['cli', 'write validated', (kafka) => write(kafka, topic('validated'))],
      ['cli', 'write heartbeats', (kafka) => write(kafka, topic('heartbeats'))],
      ['cli', 'join mongo-sink', (kafka) => joinGroup(kafka, topic('mongo-sink'))],
    ];
    it.each(attempts)('%s cannot %s', async (principal, _, attempt) => {
      await expectRefused(attempt(as(principal)));
    });

    // What it asks before it takes up a table that another copy suspended.
    it.each<Principal>(['mongo-sink', 'redis-sink'])('%s can see which copies run', (principal) =>
      read(as(principal), topic('heartbeats')),
    );

    it.each<Principal>([...apps, 'cli'])(
      '%s cannot delete or change topics, nor touch those of others',
      async (principal) => {
        const kafka = as(principal);
        const other = { topic: 'foreign', numPartitions: 1 };
        await expectRefused(
          administer(kafka, (admin) => admin.deleteTopics({ topics: [topic('heartbeats')] })),
        );
        await expectRefused(administer(kafka, (admin) => admin.createTopics({ topics: [other] })));
        await expectRefused(
          administer(kafka, (admin) =>
            admin.createPartitions({ topicPartitions: [{ topic: topic('changes'), count: 9 }] }),
          ),
        );
        await expectRefused(administer(kafka, (admin) => admin.describeAcls(everything)));
      },
    );

    async function expectRefused(attempt: Promise<void>): Promise<void> {
      const error = await attempt.then(
        () => undefined,
        (reason: unknown) => kafkaError(reason, 'the broker'),
      );
      expect(error?.code).toBe('KAFKA_RIGHTS');
    }
  });

  describe('MongoDB', () => {
    type Attempt = [keyof MongoAccounts, what: string, (client: mongo.MongoClient) => Promise<unknown>];
    const rows = (client: mongo.MongoClient) => client.db(pipeline().database).collection('things');
    const attempts: Attempt[] = [
      ['sink', 'read other databases', (client) => client.db('elsewhere').collection('x').findOne()],
      ['sink', 'write other databases', (client) => client.db('elsewhere').collection('x').insertOne({})],
      ['sink', 'drop its database', (client) => client.db(pipeline().database).dropDatabase()],
      [
        'sink',
        'make accounts',
        (client) => client.db('admin').command({ createUser: 'x', pwd: 'x', roles: [] }),
      ],
      ['cli', 'write rows', (client) => rows(client).insertOne({ name: 'x' })],
      ['cli', 'delete rows', (client) => rows(client).deleteMany({})],
      ['cli', 'make an index', (client) => rows(client).createIndex({ name: 1 })],
    ];
    it.each(attempts)('%s cannot %s', async (kind, _, attempt) => {
      const connection = await connectMongo(mongo()[kind]);
      await expect(attempt(connection.getClient())).rejects.toMatchObject({ code: 13 });
      await connection.close();
    });
  });

  describe('Redis', () => {
    async function expectRefused(url: string, commands: readonly string[][]): Promise<void> {
      const redis = await connectRedis(url, () => undefined, redisTls());
      for (const [command, ...args] of commands)
        await expect(redis.call(command!, ...args)).rejects.toThrow(/NOPERM|can't run|not allowed/i);
      redis.disconnect();
    }
    it('the sink cannot go beyond its rows', () =>
      expectRefused(redisAccount(servers(), 'sink'), [
        ['FLUSHALL'],
        ['CONFIG', 'GET', '*'],
        ['KEYS', '*'],
        ['CLIENT', 'LIST'],
        ['ACL', 'LIST'],
        ['EVAL', "return redis.call('FLUSHALL')", '0'],
      ]));
    it('the command line cannot write', () =>
      expectRefused(redisAccount(servers(), 'cli'), [
        ['SET', 'a', 'b'],
        ['DEL', 'a'],
        ['HSET', 'a', 'b', 'c'],
        ['SADD', 'a', 'b'],
        ['EVAL', "return redis.call('SET', KEYS[1], 'b')", '1', 'a'],
      ]));
  });
}

/** Every rule of the authorizer, by the numbers of Kafka's protocol for "any". */
const everything = {
  resourceType: 1,
  resourcePatternType: 1,
  operation: 1,
  permissionType: 1,
} as Parameters<ReturnType<KafkajsTransport['client']['admin']>['describeAcls']>[0];
