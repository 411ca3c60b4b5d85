import { existsSync, readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { VariablesFile } from './variables-file';

describe('the variables for workers', () => {
  const files: VariablesFile[] = [];
  const written = (variables: NodeJS.ProcessEnv) => {
    const file = new VariablesFile(variables, 'some/sync.yaml');
    files.push(file);
    return file;
  };
  afterEach(() => files.splice(0).forEach((file) => file.remove()));

  it('come back as they were, whatever a password or a certificate holds', () => {
    const variables = {
      MYSQL_URL: 'mysql://a:p#$%"\\n`$(x)@host:1',
      REDIS_URL: "redis://:it's@host",
      KAFKA_SSL_CA: '-----BEGIN CERTIFICATE-----\nAB+/=\n-----END CERTIFICATE-----\n',
      MONGODB_URI: ' spaces ',
    };
    const read = parseEnv(readFileSync(written(variables).path, 'utf8'));
    expect(read).toEqual({ ...variables, SYNC_CONFIG: resolve('some/sync.yaml') });
  });

  it('are those of the servers alone, can be read by their user alone, and are gone at the end', () => {
    const file = written({ HOME: '/root', MYSQL_URL_FILE: 'secret', SPARK_REMOTE: 'sc://x', PATH: '/bin' });
    const names = Object.keys(parseEnv(readFileSync(file.path, 'utf8')));
    expect(names.sort()).toEqual(['MYSQL_URL_FILE', 'SYNC_CONFIG']);
    expect(readFileSync(file.path, 'utf8')).toContain(resolve('secret'));
    expect(statSync(file.path).mode & 0o777).toBe(0o600);
    file.remove();
    expect(existsSync(file.path)).toBe(false);
  });

  it('refuse what no quote can hold, without a word of it', () => {
    expect(() => written({ REDIS_URL: `a'b\`c` })).toThrow(/^REDIS_URL holds both ' and `/);
  });
});
