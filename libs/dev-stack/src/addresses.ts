import { certificateFiles } from './certificates';
import type { ServerName, StackState } from './state';

const host = '127.0.0.1';

/** The variables that the services read (docs/deploy.md), and the administrator's addresses beside them. */
export interface StackEnv {
  /** Account of trigger-relay and of the command line. */
  readonly MYSQL_URL: string;
  /** Account of the application that owns the tables. */
  readonly APP_MYSQL_URL: string;
  /** Account that may do everything. */
  readonly ADMIN_MYSQL_URL: string;
  readonly MARIADB_URL?: string;
  readonly APP_MARIADB_URL?: string;
  readonly ADMIN_MARIADB_URL?: string;
  readonly KAFKA_BROKERS: string;
  readonly MONGODB_URI: string;
  readonly REDIS_URL: string;
  /** Of a stack with Spark only. */
  readonly SPARK_REMOTE?: string;
  /** Of a secure stack only, as everything below. */
  readonly ADMIN_MONGODB_URI?: string;
  readonly ADMIN_REDIS_URL?: string;
  readonly KAFKA_SSL?: string;
  readonly KAFKA_SSL_CA_FILE?: string;
  readonly KAFKA_SSL_CERT_FILE?: string;
  readonly KAFKA_SSL_KEY_FILE?: string;
  readonly KAFKA_SASL_MECHANISM?: string;
  readonly KAFKA_SASL_USERNAME?: string;
  readonly KAFKA_SASL_PASSWORD?: string;
  readonly REDIS_SSL_CA_FILE?: string;
  readonly REDIS_SSL_CERT_FILE?: string;
  readonly REDIS_SSL_KEY_FILE?: string;
}

/** The account at Kafka, MongoDB and Redis of a secure stack; Kafka lets it do everything. */
export const servicesAccount = 'tributary';
/** Accounts at Kafka of a secure stack that may do nothing until deploy/kafka-acls.sh gives them their rights. */
export const kafkaAccounts = ['trigger-relay', 'validator', 'mongo-sink', 'redis-sink', 'cli'].map(
  (service) => `${servicesAccount}-${service}`,
);

function record(state: StackState, name: ServerName) {
  const found = state.servers[name];
  if (!found) throw new Error(`The stack "${state.name}" has no ${name}.`);
  return found;
}

export function sqlUrl(
  state: StackState,
  server: 'mysql' | 'mariadb',
  account: 'admin' | 'relay' | 'app',
): string {
  const user = account === 'admin' ? 'root' : `tributary_${account}`;
  const tls = state.secure ? `?ssl=${encodeURIComponent(certificateFiles(state.name).ca)}` : '';
  return `mysql://${user}:${state.passwords[account]}@${host}:${record(state, server).port}${tls}`;
}

export function mongoUri(state: StackState, account: 'services' | 'admin' = 'services'): string {
  const { external, port } = record(state, 'mongodb');
  if (!state.secure) return external ?? `mongodb://${host}:${port}/`;
  const ca = encodeURIComponent(certificateFiles(state.name).ca);
  const user = account === 'services' ? servicesAccount : 'admin';
  return `mongodb://${user}:${state.passwords[account]}@${host}:${port}/?authSource=admin&tls=true&tlsCAFile=${ca}`;
}

export const kafkaBrokers = (state: StackState) => `${host}:${record(state, 'kafka').port}`;

export function redisUrl(state: StackState, account: 'services' | 'admin' = 'services'): string {
  const address = `${host}:${record(state, 'redis').port}/0`;
  const user = account === 'services' ? servicesAccount : 'admin';
  return state.secure ? `rediss://${user}:${state.passwords[account]}@${address}` : `redis://${address}`;
}

function secureEnv(state: StackState): Partial<StackEnv> {
  const { ca, clientCert, clientKey } = certificateFiles(state.name);
  return {
    ADMIN_MONGODB_URI: mongoUri(state, 'admin'),
    ADMIN_REDIS_URL: redisUrl(state, 'admin'),
    KAFKA_SSL: 'true',
    KAFKA_SSL_CA_FILE: ca,
    KAFKA_SSL_CERT_FILE: clientCert,
    KAFKA_SSL_KEY_FILE: clientKey,
    KAFKA_SASL_MECHANISM: 'scram-sha-512',
    KAFKA_SASL_USERNAME: servicesAccount,
    KAFKA_SASL_PASSWORD: state.passwords.services,
    REDIS_SSL_CA_FILE: ca,
    REDIS_SSL_CERT_FILE: clientCert,
    REDIS_SSL_KEY_FILE: clientKey,
  };
}

export const sparkRemote = (state: StackState) => `sc://${host}:${record(state, 'spark').port}`;

/** Addresses of a stack; `withMariadb` adds MariaDB beside MySQL. */
export function stackEnvOf(state: StackState, withMariadb: boolean): StackEnv {
  const main = state.choice === 'mariadb' ? 'mariadb' : 'mysql';
  return {
    MYSQL_URL: sqlUrl(state, main, 'relay'),
    APP_MYSQL_URL: sqlUrl(state, main, 'app'),
    ADMIN_MYSQL_URL: sqlUrl(state, main, 'admin'),
    ...(withMariadb && {
      MARIADB_URL: sqlUrl(state, 'mariadb', 'relay'),
      APP_MARIADB_URL: sqlUrl(state, 'mariadb', 'app'),
      ADMIN_MARIADB_URL: sqlUrl(state, 'mariadb', 'admin'),
    }),
    KAFKA_BROKERS: kafkaBrokers(state),
    MONGODB_URI: mongoUri(state),
    REDIS_URL: redisUrl(state),
    ...(state.spark && { SPARK_REMOTE: sparkRemote(state) }),
    ...(state.secure && secureEnv(state)),
  };
}
