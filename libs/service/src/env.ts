import { fatal } from '@tributary/kernel';
import {
  certificatesOf,
  certificateVariables,
  choiceVariable,
  Environment,
  envPart,
  loadSyncConfig,
  portVariable,
  requiredVariable,
  urlVariable,
  type SyncConfig,
  type TargetName,
  type Variables,
} from '@tributary/sync-config';
import type { TargetPlugin } from '@tributary/targets';
import type { KafkaSettings } from '@tributary/transport';
import { z } from 'zod';

/** Which servers a service or command talks to: only their variables are asked for. */
export interface Needs {
  readonly kafka?: boolean;
  readonly mysql?: boolean;
  readonly targets?: readonly Pick<TargetPlugin, 'name' | 'env'>[];
}

const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const;

/** The environment (docs/deploy.md), checked and frozen at start; nothing else reads process.env. */
export interface ServiceEnv {
  readonly kafka: Omit<KafkaSettings, 'clientId'>;
  readonly mysqlUrl: string;
  /** Where the targets are that were asked for: see `addressOf`. */
  readonly targets: Readonly<Record<TargetName, unknown>>;
  readonly config: SyncConfig;
  readonly configPath: string;
  readonly port: number;
  /** Interface that the HTTP endpoints listen on. */
  readonly host: string;
  readonly logLevel: (typeof logLevels)[number];
}

/** Where a target is, which must have been asked for. */
export const addressOf = <Address>(
  { targets }: Pick<ServiceEnv, 'targets'>,
  { name }: TargetPlugin<Address>,
): Address => targets[name] as Address;

/**
 * Reads the variables. Throws one fatal SyncError `ENV` that names every missing or malformed one and says what
 * it must look like; no value appears in it, since any of them may hold a secret.
 */
export function readEnv(needs: Needs, defaultPort = 3000, variables: Variables = process.env): ServiceEnv {
  const read = new Environment(variables);
  const kafka = needs.kafka ? kafkaSettings(read) : { brokers: [] };
  const mysqlUrl = needs.mysql ? read.read(mysql) : '';
  const targets = (needs.targets ?? []).map(({ name, env }) => [name, read.read(env.part)] as const);
  const own = read.read(processPart(defaultPort));
  if (read.faults.length > 0)
    throw fatal('ENV', `The environment is not usable, nothing was started:\n  ${read.faults.join('\n  ')}`);
  return Object.freeze({
    ...{ kafka, mysqlUrl: mysqlUrl!, targets: Object.fromEntries(targets) },
    ...own!,
    config: loadSyncConfig(own!.configPath),
  });
}

/** `MYSQL_URL` alone, for work that begins before there is a sync file. Throws a fatal SyncError `ENV`. */
export function readMysqlUrl(variables: Variables = process.env): string {
  const read = new Environment(variables);
  const url = read.read(mysql);
  if (url === undefined) throw fatal('ENV', `${read.faults.join('; ')}.`);
  return url;
}

const mysql = envPart(
  { MYSQL_URL: urlVariable('MYSQL_URL', ['mysql:'], 'mysql://user:password@host:3306') },
  ({ MYSQL_URL }) => MYSQL_URL,
);

/** What the process itself is told. */
const processPart = (defaultPort: number) =>
  envPart(
    {
      PORT: portVariable('PORT', defaultPort),
      HTTP_HOST: z.string().default('0.0.0.0'),
      LOG_LEVEL: choiceVariable('LOG_LEVEL', logLevels, 'info'),
      SYNC_CONFIG: z.string().default('./sync.yaml'),
    },
    ({ PORT: port, HTTP_HOST: host, LOG_LEVEL: logLevel, SYNC_CONFIG: configPath }) => ({
      ...{ port, host, logLevel, configPath },
    }),
  );

const BROKERS = 'host1:9092,host2:9092';

const brokers = envPart(
  {
    KAFKA_BROKERS: requiredVariable('KAFKA_BROKERS', BROKERS)
      .transform((text) =>
        text
          .split(',')
          .map((broker) => broker.trim())
          .filter(Boolean),
      )
      .refine(
        (addresses) =>
          addresses.every((broker) => /^(\[[0-9a-fA-F:]+\]|[A-Za-z0-9._-]+):\d{1,5}$/.test(broker)),
        `KAFKA_BROKERS is malformed: it must look like ${BROKERS}`,
      ),
  },
  ({ KAFKA_BROKERS }) => KAFKA_BROKERS,
);

const kafkaTls = envPart(
  {
    KAFKA_SSL: choiceVariable('KAFKA_SSL', ['true', 'false'], 'false'),
    ...certificateVariables('KAFKA_SSL'),
  },
  ({ KAFKA_SSL, ...values }, fault) => {
    const used = KAFKA_SSL === 'true';
    const ssl = certificatesOf('KAFKA_SSL', values, { used, condition: 'KAFKA_SSL is true' }, fault);
    return used ? { ssl } : {};
  },
);

const kafkaLogin = envPart(
  {
    KAFKA_SASL_MECHANISM: choiceVariable(
      'KAFKA_SASL_MECHANISM',
      ['none', 'plain', 'scram-sha-256', 'scram-sha-512'],
      'none',
    ),
    KAFKA_SASL_USERNAME: z.string().optional(),
    KAFKA_SASL_PASSWORD: z.string().optional(),
  },
  ({ KAFKA_SASL_MECHANISM: mechanism, ...login }, fault) => {
    if (mechanism === 'none') return {};
    const said = (name: keyof typeof login, lookLike: string) => {
      const value = login[name];
      if (value === undefined) fault(name, `${name} is missing: set it to ${lookLike}`);
      return value ?? '';
    };
    const username = said('KAFKA_SASL_USERNAME', 'the account on the brokers');
    const password = said('KAFKA_SASL_PASSWORD', 'its password');
    return { sasl: { mechanism, username, password } };
  },
);

const kafkaSettings = (read: Environment): ServiceEnv['kafka'] => ({
  brokers: read.read(brokers) ?? [],
  ...read.read(kafkaTls),
  ...read.read(kafkaLogin),
});
