import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cached, type Say } from '../install/cached';
import { kafkaAccounts, servicesAccount } from '../addresses';
import { certificateFiles } from '../certificates';
import { copyWithDependencies, requireJava } from '../install/maven';
import { run } from '../install/tools';
import type { NativeServer, ServerContext } from './server';

const version = '4.3.1';

/** The account that the broker uses among brokers. */
const brokerAccount = 'broker';

/**
 * TLS with client certificates and a login by PLAIN or SCRAM on the one listener that clients use, and an authorizer.
 * The controller's listener has no logins, so what comes by it is anonymous and must be let do everything.
 */
function secureProperties({ stack }: ServerContext): Record<string, string> {
  const { ca, serverBoth } = certificateFiles(stack.name);
  const { admin, services } = stack.passwords;
  const security = 'org.apache.kafka.common.security';
  const clients = [servicesAccount, ...kafkaAccounts].map((name) => `user_${name}="${services}"`);
  const users = `user_${brokerAccount}="${admin}" ${clients.join(' ')}`;
  return {
    'ssl.keystore.type': 'PEM',
    'ssl.keystore.location': serverBoth,
    'ssl.truststore.type': 'PEM',
    'ssl.truststore.location': ca,
    'listener.name.clients.ssl.client.auth': 'required',
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    'super.users': `User:ANONYMOUS;User:${brokerAccount};User:${servicesAccount}`,
    'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-512',
    'sasl.mechanism.inter.broker.protocol': 'PLAIN',
    'listener.name.clients.plain.sasl.jaas.config': `${security}.plain.PlainLoginModule required username="${brokerAccount}" password="${admin}" ${users};`,
    'listener.name.clients.scram-sha-512.sasl.jaas.config': `${security}.scram.ScramLoginModule required;`,
  };
}

function properties(context: ServerContext): string {
  const { folder, record, stack } = context;
  const lines = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    // The static voter list, unlike a stored one, lets the controller move to another port.
    'controller.quorum.voters': `1@127.0.0.1:${record.innerPort}`,
    listeners: `CLIENTS://127.0.0.1:${record.port},CONTROLLER://127.0.0.1:${record.innerPort}`,
    'advertised.listeners': `CLIENTS://127.0.0.1:${record.port}`,
    'listener.security.protocol.map': `CLIENTS:${stack.secure ? 'SASL_SSL' : 'PLAINTEXT'},CONTROLLER:PLAINTEXT`,
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'CLIENTS',
    'log.dirs': join(folder, 'data'),
    'auto.create.topics.enable': false,
    'message.max.bytes': 52_428_800,
    'replica.fetch.max.bytes': 52_428_800,
    'log.retention.hours': 168,
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 4,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'transaction.state.log.num.partitions': 4,
    'group.initial.rebalance.delay.ms': 0,
    // A broker that was killed may only come back when its last session has ended: shorter than the default 9 s.
    'broker.session.timeout.ms': 5000,
    'broker.heartbeat.interval.ms': 1000,
    // A broker at rest writes a record for nothing twice a second, which took half of what it costs.
    'metadata.max.idle.interval.ms': 5000,
    // Sized for many short-lived test topics in a 512 MB heap.
    'log.index.size.max.bytes': 1_048_576,
    'log.cleaner.dedupe.buffer.size': 16_777_216,
    ...(stack.secure && secureProperties(context)),
  };
  return Object.entries(lines)
    .map(([key, value]) => `${key}=${value}\n`)
    .join('');
}

const installed = (say: Say) =>
  cached(`kafka-${version}`, say, async (draft) => {
    say(`fetching Kafka ${version} from Maven`);
    await copyWithDependencies(draft, [
      `org.apache.kafka:kafka_2.13:${version}`,
      `org.apache.kafka:kafka-tools:${version}`,
      'org.slf4j:slf4j-simple:1.7.36',
    ]);
  });

/** What lives for seconds or minutes pays the optimising compiler and parallel collectors more than they give back. */
const brief = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC'];

/** How a command line tool of Kafka is started, by the name of its class. */
export async function kafkaTool(name: string): Promise<{ java: string; args: readonly string[] }> {
  const base = await installed(() => undefined);
  return { java: await requireJava(), args: [...brief, '-cp', join(base, 'libs/*'), name] };
}

export const kafkaServer: NativeServer = {
  name: 'kafka',
  graceMs: 30_000,
  async prepare(context) {
    const { folder, record, say } = context;
    const java = await requireJava();
    const base = await installed(say);
    mkdirSync(folder, { recursive: true });
    const config = join(folder, 'server.properties');
    writeFileSync(config, properties(context));
    const compiling = record.longRunning ? [] : brief;
    const jvm = [...compiling, '-Xms256m', '-Xmx512m', '-cp', join(base, 'libs/*')];
    if (!existsSync(join(folder, 'data/meta.properties'))) {
      say('formatting the data folder');
      const id = Buffer.from(randomUUID().replaceAll('-', ''), 'hex').toString('base64url');
      const format = [
        ...brief,
        '-cp',
        join(base, 'libs/*'),
        'kafka.tools.StorageTool',
        'format',
        // As one word: an id may begin with a dash.
        `--cluster-id=${id}`,
        '-c',
        config,
      ];
      // From a file: the password must not stand in the process list.
      const argumentsFile = join(folder, 'format.args');
      const scram = [servicesAccount, ...kafkaAccounts].flatMap((name) => [
        '--add-scram',
        `SCRAM-SHA-512=[name=${name},password=${context.stack.passwords.services}]`,
      ]);
      const all = [...format, '--ignore-formatted', ...(context.stack.secure ? scram : [])];
      writeFileSync(argumentsFile, all.map((one) => `"${one.replaceAll('\\', '\\\\')}"`).join('\n'), {
        mode: 0o600,
      });
      await run('Formatting the Kafka data folder', java, [`@${argumentsFile}`]);
      rmSync(argumentsFile);
    }
    const logging = [
      '-Dorg.slf4j.simpleLogger.showDateTime=true',
      '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
    ];
    return { command: java, args: [...jvm, ...logging, 'kafka.Kafka', config], version };
  },
};
