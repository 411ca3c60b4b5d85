import type { ServerName, StackState } from './state';

const host = '127.0.0.1';

/** The variables of contract.md section 2, and the administrator's addresses beside them. */
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
}

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
  return `mysql://${user}:${state.passwords[account]}@${host}:${record(state, server).port}`;
}

export function mongoUri(state: StackState): string {
  const { external, port } = record(state, 'mongodb');
  return external ?? `mongodb://${host}:${port}/`;
}

export const kafkaBrokers = (state: StackState) => `${host}:${record(state, 'kafka').port}`;
export const redisUrl = (state: StackState) => `redis://${host}:${record(state, 'redis').port}/0`;

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
  };
}
