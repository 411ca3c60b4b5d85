import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readEnv } from './env';

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
    expect(readEnv({ redis: true }, 1, { ...base, REDIS_URL_FILE: join(folder, 'url') }).redisUrl).toBe(
      'redis://:secret@h:6379',
    );
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
      ssl: true,
      sasl: { mechanism: 'scram-sha-256', username: 'u', password: 'p' },
    });
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
    const read = () => readEnv({ kafka: true, mysql: true, mongodb: true, redis: true }, 1, variables);
    expect(read).toThrow(
      /KAFKA_BROKERS is malformed[^]*MYSQL_URL is malformed[^]*MONGODB_URI_FILE[^]*REDIS_URL is missing[^]*PORT[^]*LOG_LEVEL/,
    );
    expect(read).not.toThrow(/hunter2|not a broker/);
  });
});
