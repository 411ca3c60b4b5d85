import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mongoTarget, redisTarget } from '@tributary/targets';
import { addressOf, readEnv } from './env';

describe('environment', () => {
  const folder = mkdtempSync(join(tmpdir(), 'env-'));
  const syncFile = join(folder, 'sync.yaml');
  writeFileSync(syncFile, 'tables: [{table: a.b}]');
  const base = { SYNC_CONFIG: syncFile, KAFKA_BROKERS: 'k1:9092, k2:9092' };
  afterAll(() => rmSync(folder, { recursive: true }));

  it('reads what a service needs, with defaults for the rest', () => {
    const env = readEnv({ kafka: true, mysql: true }, 3001, { ...base, MYSQL_URL: 'mysql://u:p@h:3306' });
    expect(env.kafka).toEqual({ brokers: ['k1:9092', 'k2:9092'] });
    expect(env).toMatchObject({
      port: 3001,
      host: '0.0.0.0',
      logLevel: 'info',
      mysqlUrl: 'mysql://u:p@h:3306',
    });
  });

  it('takes a secret from the file that X_FILE names', () => {
    writeFileSync(join(folder, 'url'), 'redis://:secret@h:6379\n');
    const env = readEnv({ targets: [redisTarget] }, 1, { ...base, REDIS_URL_FILE: join(folder, 'url') });
    expect(addressOf(env, redisTarget).url).toBe('redis://:secret@h:6379');
  });

  it('asks for TLS and SASL when they are set', () => {
    const env = readEnv({ kafka: true }, 1, {
      ...base,
      KAFKA_SSL: 'true',
      KAFKA_SASL_MECHANISM: 'SCRAM-SHA-256',
      KAFKA_SASL_USERNAME: 'u',
      KAFKA_SASL_PASSWORD: 'p',
    });
    expect(env.kafka).toMatchObject({
      ssl: {},
      sasl: { mechanism: 'scram-sha-256', username: 'u', password: 'p' },
    });
  });

  it('takes every secret from a file: MYSQL_URL, KAFKA_SASL_PASSWORD, MONGODB_URI, REDIS_URL and certificates', () => {
    const certificate = '-----BEGIN CERTIFICATE-----\nabc\n-----END CERTIFICATE-----';
    const file = (name: string, text: string) => {
      writeFileSync(join(folder, name), `${text}\n`);
      return join(folder, name);
    };
    const env = readEnv({ kafka: true, mysql: true, targets: [mongoTarget, redisTarget] }, 1, {
      SYNC_CONFIG: syncFile,
      KAFKA_BROKERS: 'k:1',
      KAFKA_SSL: 'true',
      KAFKA_SSL_CA_FILE: file('ca', certificate),
      KAFKA_SASL_MECHANISM: 'plain',
      KAFKA_SASL_USERNAME: 'u',
      KAFKA_SASL_PASSWORD_FILE: file('kafka', 'kafka-secret'),
      MYSQL_URL_FILE: file('mysql', 'mysql://u:mysql-secret@h:1'),
      MONGODB_URI_FILE: file('mongo', 'mongodb://u:mongo-secret@h:1'),
      REDIS_URL_FILE: file('redis', 'rediss://u:redis-secret@h:1'),
      REDIS_SSL_CA_FILE: file('ca', certificate),
    });
    expect(env).toMatchObject({
      kafka: { ssl: { ca: certificate }, sasl: { password: 'kafka-secret' } },
      mysqlUrl: 'mysql://u:mysql-secret@h:1',
      targets: {
        mongo: { uri: 'mongodb://u:mongo-secret@h:1' },
        redis: { url: 'rediss://u:redis-secret@h:1', tls: { ca: certificate } },
      },
    });
  });

  it('R14: refuses certificates without TLS, a certificate without its key, and what is no PEM text', () => {
    const pem = '-----BEGIN CERTIFICATE-----\nabc\n-----END CERTIFICATE-----';
    const read = (more: object) => () =>
      readEnv({ kafka: true, targets: [redisTarget] }, 1, { ...base, REDIS_URL: 'redis://h:1', ...more });
    expect(read({ KAFKA_SSL_CA: pem })).toThrow('have a meaning only when KAFKA_SSL is true');
    expect(read({ REDIS_SSL_CA: pem })).toThrow('have a meaning only when REDIS_URL begins with rediss://');
    expect(read({ KAFKA_SSL: 'true', KAFKA_SSL_CERT: pem })).toThrow('belong together');
    expect(read({ KAFKA_SSL: 'true', KAFKA_SSL_CA: '/etc/ca.pem' })).toThrow(
      'KAFKA_SSL_CA_FILE takes the path',
    );
  });

  it('R14: names every wrong variable in one message, and no value', () => {
    const variables = {
      SYNC_CONFIG: syncFile,
      KAFKA_BROKERS: 'not a broker',
      MYSQL_URL: 'postgres://user:hunter2@h',
      PORT: '99999',
      LOG_LEVEL: 'loud',
      MONGODB_URI_FILE: join(folder, 'absent'),
    };
    const read = () =>
      readEnv({ kafka: true, mysql: true, targets: [mongoTarget, redisTarget] }, 1, variables);
    expect(read).toThrow(
      /KAFKA_BROKERS is malformed[^]*MYSQL_URL is malformed[^]*MONGODB_URI_FILE[^]*REDIS_URL is missing[^]*PORT[^]*LOG_LEVEL/,
    );
    expect(read).not.toThrow(/hunter2|not a broker/);
  });
});
