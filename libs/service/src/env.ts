import { readFileSync } from 'node:fs';
import { fatal } from '@tributary/kernel';
import type { KafkaSettings } from '@tributary/transport';
import type { RedisTls } from '@tributary/targets';
import { loadSyncConfig, type SyncConfig } from '@tributary/sync-config';

/** Which servers a service or command talks to: only their variables are asked for. */
export interface Needs {
  readonly kafka?: boolean;
  readonly mysql?: boolean;
  readonly mongodb?: boolean;
  readonly redis?: boolean;
}

const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const;
type LogLevel = (typeof logLevels)[number];

/** The environment (docs/deploy.md), checked and frozen at start; nothing else reads process.env. */
export interface ServiceEnv {
  readonly kafka: Omit<KafkaSettings, 'clientId'>;
  readonly mysqlUrl: string;
  readonly mongodbUri: string;
  readonly redisUrl: string;
  /** For `rediss://` URLs. */
  readonly redisTls: RedisTls;
  readonly config: SyncConfig;
  readonly configPath: string;
  readonly port: number;
  /** Interface that the HTTP endpoints listen on. */
  readonly host: string;
  readonly logLevel: LogLevel;
}

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * Reads the variables. Throws one fatal SyncError `ENV` that names every missing or malformed one and says what
 * it must look like; no value appears in it, since any of them may hold a secret.
 */
export function readEnv(needs: Needs, defaultPort = 3000, variables: Variables = process.env): ServiceEnv {
  const faults: string[] = [];
  const read = new VariableReader(variables, faults);
  const env = {
    kafka: needs.kafka ? kafkaSettings(read) : { brokers: [] },
    mysqlUrl: needs.mysql ? read.url('MYSQL_URL', ['mysql:'], 'mysql://user:password@host:3306') : '',
    mongodbUri: needs.mongodb
      ? read.url('MONGODB_URI', ['mongodb:', 'mongodb+srv:'], 'mongodb://user:password@host:27017')
      : '',
    redisUrl: needs.redis
      ? read.url('REDIS_URL', ['redis:', 'rediss:'], 'redis://:password@host:6379/0')
      : '',
    redisTls: needs.redis ? redisTls(read) : {},
    port: read.port('PORT', defaultPort),
    host: read.optional('HTTP_HOST') ?? '0.0.0.0',
    logLevel: read.oneOf('LOG_LEVEL', logLevels, 'info'),
    configPath: read.optional('SYNC_CONFIG') ?? './sync.yaml',
  };
  if (faults.length > 0)
    throw fatal('ENV', `The environment is not usable, nothing was started:\n  ${faults.join('\n  ')}`);
  return Object.freeze({ ...env, config: loadSyncConfig(env.configPath) });
}

function kafkaSettings(read: VariableReader): ServiceEnv['kafka'] {
  const brokers = read.brokers('KAFKA_BROKERS');
  const ssl = read.oneOf('KAFKA_SSL', ['true', 'false'], 'false') === 'true';
  const files = read.certificates('KAFKA_SSL', ssl, 'KAFKA_SSL is true');
  const mechanism = read.oneOf(
    'KAFKA_SASL_MECHANISM',
    ['none', 'plain', 'scram-sha-256', 'scram-sha-512'],
    'none',
  );
  const tls = ssl && { ssl: files };
  if (mechanism === 'none') return { brokers, ...tls };
  const username = read.required('KAFKA_SASL_USERNAME', 'the account on the brokers');
  const password = read.required('KAFKA_SASL_PASSWORD', 'its password');
  return { brokers, ...tls, sasl: { mechanism, username, password } };
}

/** Certificates beside REDIS_URL, which has no place for them. */
function redisTls(read: VariableReader): RedisTls {
  const tls = read.optional('REDIS_URL')?.startsWith('rediss:') ?? false;
  return read.certificates('REDIS_SSL', tls, 'REDIS_URL begins with rediss://');
}

/** Reads single variables and notes every fault instead of stopping at the first. */
class VariableReader {
  constructor(
    private readonly variables: Variables,
    private readonly faults: string[],
  ) {}

  /** The value of `name`, or of the file that `name_FILE` names (a mounted secret). */
  optional(name: string): string | undefined {
    const file = this.variables[`${name}_FILE`];
    if (!file) return this.variables[name]?.trim() || undefined;
    try {
      return readFileSync(file, 'utf8').trim() || undefined;
    } catch (error) {
      this.faults.push(
        `${name}_FILE: the file it names cannot be read (${(error as NodeJS.ErrnoException).code})`,
      );
      return undefined;
    }
  }

  required(name: string, lookLike: string): string {
    const before = this.faults.length;
    const value = this.optional(name);
    if (value === undefined && this.faults.length === before)
      this.faults.push(`${name} is missing: set it to ${lookLike}`);
    return value ?? '';
  }

  url(name: string, protocols: readonly string[], example: string): string {
    const text = this.required(name, example);
    if (
      text &&
      !protocols.some((protocol) => text.startsWith(`${protocol}//`) && text.length > protocol.length + 2)
    )
      this.faults.push(`${name} is malformed: it must look like ${example}`);
    return text;
  }

  /**
   * `<prefix>_CA`, `_CERT` and `_KEY`: PEM texts. `used`: whether the connection is made with TLS at all; one that is
   * not, in spite of a certificate, would tell its password to anybody on the way.
   */
  certificates(prefix: string, used: boolean, condition: string): RedisTls {
    const [ca, cert, key] = [
      this.#pem(`${prefix}_CA`),
      this.#pem(`${prefix}_CERT`),
      this.#pem(`${prefix}_KEY`),
    ];
    if (!used && (ca ?? cert ?? key))
      this.faults.push(
        `${prefix}_CA, ${prefix}_CERT and ${prefix}_KEY have a meaning only when ${condition}`,
      );
    if ((cert === undefined) !== (key === undefined))
      this.faults.push(`${prefix}_CERT and ${prefix}_KEY belong together: set both or none`);
    return { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) };
  }

  #pem(name: string): string | undefined {
    const text = this.optional(name);
    if (text !== undefined && !/^-----BEGIN [A-Z ]+-----\s/m.test(text))
      this.faults.push(
        `${name} is malformed: it must be PEM text ("-----BEGIN ..."); ${name}_FILE takes the path of a file`,
      );
    return text;
  }

  brokers(name: string): string[] {
    const example = 'host1:9092,host2:9092';
    const brokers = this.required(name, example)
      .split(',')
      .map((broker) => broker.trim())
      .filter(Boolean);
    if (brokers.some((broker) => !/^(\[[0-9a-fA-F:]+\]|[A-Za-z0-9._-]+):\d{1,5}$/.test(broker)))
      this.faults.push(`${name} is malformed: it must look like ${example}`);
    return brokers;
  }

  port(name: string, fallback: number): number {
    const text = this.optional(name) ?? String(fallback);
    const port = Number(text);
    if (!/^\d+$/.test(text) || port > 65535)
      this.faults.push(`${name} is malformed: it must be a port number from 0 to 65535`);
    return port;
  }

  oneOf<const T extends string>(name: string, allowed: readonly T[], fallback: T): T {
    const text = this.optional(name)?.toLowerCase() ?? fallback;
    const found = allowed.find((value) => value === text);
    if (!found) this.faults.push(`${name} is malformed: it must be one of ${allowed.join(', ')}`);
    return found ?? fallback;
  }
}
