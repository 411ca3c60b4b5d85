import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { connectMongo } from '@tributary/targets';
import { kafkaTool, type StackEnv } from '@tributary/dev-stack';
import type { Pipeline } from '../support/pipeline';
import type { App } from '../support/service-process';

/** Who connects to Kafka: the services and the command line. */
export type Principal = App | 'cli';

export const kafkaAccount = (principal: Principal) => `tributary-${principal}`;

/** Runs deploy/kafka-acls.sh for the pipeline's topics with Kafka's own tool, as an operator would. */
export async function grantKafkaRights({ folder, prefix }: Pipeline, servers: StackEnv): Promise<void> {
  const { java, args } = await kafkaTool('org.apache.kafka.tools.AclCommand');
  const tool = join(folder, 'kafka-acls.sh');
  // Its classes are kept for all calls but the first: it starts in half the time.
  const classes = join(folder, 'kafka-acls.jsa');
  const words = args.map((word) => `'${word}'`).join(' ');
  const lines = [
    '#!/bin/sh',
    `[ -s '${classes}' ] && keep=-XX:SharedArchiveFile || keep=-XX:ArchiveClassesAtExit`,
    `exec '${java}' "$keep=${classes}" ${words} "$@"`,
  ];
  writeFileSync(tool, `${lines.join('\n')}\n`, { mode: 0o700 });

  const keyStore = join(folder, 'admin.pem');
  const pems = [servers.KAFKA_SSL_KEY_FILE!, servers.KAFKA_SSL_CERT_FILE!];
  writeFileSync(keyStore, pems.map((file) => readFileSync(file, 'utf8')).join(''), { mode: 0o600 });
  const login = `username="${servers.KAFKA_SASL_USERNAME}" password="${servers.KAFKA_SASL_PASSWORD}"`;
  const config = join(folder, 'admin.properties');
  const properties = [
    'security.protocol=SASL_SSL',
    'sasl.mechanism=PLAIN',
    `sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required ${login};`,
    `ssl.truststore.type=PEM\nssl.truststore.location=${servers.KAFKA_SSL_CA_FILE}`,
    `ssl.keystore.type=PEM\nssl.keystore.location=${keyStore}`,
  ];
  writeFileSync(config, `${properties.join('\n')}\n`, { mode: 0o600 });

  const command = `${tool} --bootstrap-server ${servers.KAFKA_BROKERS} --command-config ${config}`;
  await promisify(execFile)('sh', [join(__dirname, '../../deploy/kafka-acls.sh')], {
    env: { PATH: process.env['PATH'], KAFKA_ACLS: command, PREFIX: prefix },
  });
}

/** Addresses of accounts at MongoDB. */
export interface MongoAccounts {
  readonly sink: string;
  readonly cli: string;
}

/** Makes the accounts of docs/security.md: the sink writes its databases and its own notes, the command line reads them. */
export async function makeMongoAccounts(
  name: string,
  database: string,
  servers: StackEnv,
): Promise<MongoAccounts> {
  const password = 'abcdef0123456789abcdef01';
  const connection = await connectMongo(servers.ADMIN_MONGODB_URI!);
  const admin = connection.getClient().db('admin');
  const make = async (kind: keyof MongoAccounts, role: string) => {
    const user = `${name}-${kind}`;
    const roles = [database, 'tributary'].map((db) => ({ role, db }));
    await admin.command({ createUser: user, pwd: password, roles });
    return servers.MONGODB_URI.replace(/\/\/[^@]*@/, `//${user}:${password}@`);
  };
  try {
    return { sink: await make('sink', 'readWrite'), cli: await make('cli', 'read') };
  } finally {
    await connection.close();
  }
}

/** Accounts at Redis: the sink's, and the command line's, which may only read. */
export const redisAccount = ({ REDIS_URL }: StackEnv, who: 'sink' | 'cli') =>
  REDIS_URL.replace('//tributary:', `//tributary-${who}:`);
