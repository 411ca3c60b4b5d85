import { readFileSync } from 'node:fs';
import { Redis } from 'ioredis';
import { Kafka, logLevel } from 'kafkajs';
import { mongo } from 'mongoose';
import { openSpark } from '@tributary/spark';
import { applyKafkajsPatches } from '@tributary/transport-kafkajs';
import { kafkaBrokers, mongoUri, redisUrl, servicesAccount, sparkRemote } from './addresses';
import { certificateFiles } from './certificates';
import { connectSql } from './sql';
import type { ServerName, StackState } from './state';

const timeoutMs = 3000;

/** What the clients of a secure stack show and ask for. */
function tlsOf({ name, secure }: StackState) {
  if (!secure) return undefined;
  const { ca, clientCert, clientKey } = certificateFiles(name);
  return { ca: readFileSync(ca), cert: readFileSync(clientCert), key: readFileSync(clientKey) };
}

async function askSql(state: StackState, server: 'mysql' | 'mariadb'): Promise<string> {
  const connection = await connectSql(state, server, { connectTimeout: timeoutMs });
  try {
    const [rows] = await connection.query<never>({ sql: 'SELECT VERSION() AS version', timeout: timeoutMs });
    return (rows as { version: string }[])[0]?.version ?? '';
  } finally {
    connection.destroy();
  }
}

async function askKafka(state: StackState): Promise<string> {
  const options = { connectionTimeout: timeoutMs, requestTimeout: timeoutMs, retry: { retries: 0 } };
  const ssl = tlsOf(state);
  const login = { username: servicesAccount, password: state.passwords.services };
  // Without them it warns on Node.js 24 of a timer in the past.
  applyKafkajsPatches();
  const admin = new Kafka({
    brokers: [kafkaBrokers(state)],
    logLevel: logLevel.NOTHING,
    ...(ssl && { ssl, sasl: { mechanism: 'scram-sha-512', ...login } }),
    ...options,
  }).admin();
  try {
    await admin.connect();
    const { brokers, controller } = await admin.describeCluster();
    if (!brokers.length || controller === null) throw new Error('the broker has not joined its cluster yet');
    await admin.listTopics();
    return '';
  } finally {
    await admin.disconnect();
  }
}

async function askMongo(uri: string): Promise<string> {
  const client = new mongo.MongoClient(uri, {
    serverSelectionTimeoutMS: timeoutMs,
    connectTimeoutMS: timeoutMs,
  });
  try {
    const info = await client.db('admin').command({ buildInfo: 1 }, { timeoutMS: timeoutMs });
    await client.db('tributary').command({ find: 'probe', limit: 1 }, { timeoutMS: timeoutMs });
    return String(info['version']);
  } finally {
    await client.close();
  }
}

async function askRedis(state: StackState): Promise<string> {
  const tls = tlsOf(state);
  const options = {
    lazyConnect: true,
    connectTimeout: timeoutMs,
    commandTimeout: timeoutMs,
    ...(tls && { tls }),
  };
  const redis = new Redis(redisUrl(state), {
    ...options,
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
  });
  redis.on('error', () => undefined);
  try {
    await redis.connect();
    const info = await redis.info();
    if (/^loading:1/m.test(info)) throw new Error('Redis is still loading its data');
    return /^redis_version:(\S+)/m.exec(info)?.[1] ?? '';
  } finally {
    redis.disconnect();
  }
}

/** The first statement of a new server loads its classes, which takes seconds. */
async function askSpark(state: StackState): Promise<string> {
  const session = await openSpark({ remote: sparkRemote(state) });
  try {
    await session.rows('SELECT 1');
    return session.version;
  } finally {
    await session.close();
  }
}

/** Throws one sentence when the MongoDB that the environment names does not answer; the address is no part of it. */
export async function requireAnswer(uri: string): Promise<void> {
  await askMongo(uri).catch((cause: unknown) => {
    const remedy = 'correct the variable, or unset it to get a server of the stack.';
    throw new Error(`The MongoDB that MONGODB_URI names does not answer; ${remedy}`, { cause });
  });
}

/** Asks a server a real question. Resolves with its version (empty where it does not tell); rejects when it fails. */
export async function probe(state: StackState, name: ServerName): Promise<string> {
  switch (name) {
    case 'mysql':
    case 'mariadb':
      return askSql(state, name);
    case 'kafka':
      return askKafka(state);
    case 'mongodb':
      return askMongo(mongoUri(state));
    case 'redis':
      return askRedis(state);
    case 'spark':
      return askSpark(state);
  }
}
