import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openMysql } from '@tributary/capture';
import { connectMongo, connectRedis } from '@tributary/targets';
import { type StackEnv, Authority, type CertificateFiles } from '@tributary/dev-stack';
import { kafkaWith } from './kafka-with';

export interface ConnectionsOf {
  readonly servers: () => StackEnv;
  readonly files: CertificateFiles;
  /** What is trusted, and what a client shows of itself, as PEM texts. */
  readonly ownTls: () => { readonly ca: string; readonly cert: string; readonly key: string };
}

/** Tries connections to each server with wrong certificates, names and passwords. */
export function refusedConnections({ servers, files, ownTls }: ConnectionsOf): void {
  const stranger = new Authority('somebody else');
  const sentence = /^[A-Z][^\n]*[.]$/;
  const local = (url: string) => url.replace('@127.0.0.1:', '@localhost:');

  /** The message that `work` is refused with, checked for what every such message must be. */
  async function refusal(work: Promise<{ destroy?(): void; close?(): unknown } | void>): Promise<string> {
    const error = await work.then(
      () => Promise.reject(new Error('it was let in')),
      (reason: Error) => reason,
    );
    expect(error.name).toBe('SyncError');
    expect(error.message).toMatch(sentence);
    expect(error.message).not.toMatch(/[0-9a-f]{24}|hunter2/);
    return error.message;
  }

  const strangerFile = () => {
    const file = join(files.ca, '..', 'stranger.pem');
    writeFileSync(file, stranger.cert);
    return file;
  };

  describe.each(['mysql', 'mariadb'] as const)('%s', (name) => {
    const url = () => (name === 'mysql' ? servers().MYSQL_URL : servers().MARIADB_URL)!;
    const plain = () => url().split('?')[0]!;
    const withSsl = (ssl: string) => `${plain()}?ssl=${encodeURIComponent(ssl)}`;

    it('a connection without TLS', async () => {
      expect(await refusal(openMysql(plain()))).toMatch(
        /with TLS only: add \?ssl=true|and \?ssl=true, if the server asks for TLS/,
      );
    });
    it('a certificate of an authority that Node.js does not know', async () => {
      expect(await refusal(openMysql(withSsl('true')))).toContain('no authority that is trusted');
    });
    it('a certificate of another authority than the given one', async () => {
      expect(await refusal(openMysql(withSsl(strangerFile())))).toContain('no authority that is trusted');
    });
    it('a certificate for another host name', async () => {
      expect(await refusal(openMysql(local(url())))).toContain('for another host name');
    });
    it('a wrong password', async () => {
      expect(await refusal(openMysql(url().replace(/:[0-9a-f]{24}@/, ':hunter2@')))).toContain(
        'check its user name and password',
      );
    });
    it('but not a mismatch that was allowed, nor the right ones, which are encrypted', async () => {
      for (const each of [
        url(),
        withSsl('no-verify'),
        local(withSsl(JSON.stringify({ ca: ownTls().ca, verifyIdentity: false }))),
      ]) {
        const connection = await openMysql(each);
        const [rows] = await connection.query("SHOW STATUS LIKE 'Ssl_cipher'");
        expect((rows as { Value: string }[])[0]!.Value).toMatch(/AES|CHACHA/);
        connection.destroy();
      }
    });
    it('an account that needs a client certificate without one; with one it comes in', async () => {
      const admin = await openMysql(
        (name === 'mysql' ? servers().ADMIN_MYSQL_URL : servers().ADMIN_MARIADB_URL)!,
      );
      await admin.query("CREATE USER 'certified'@'%' IDENTIFIED BY 'hunter2' REQUIRE X509");
      admin.destroy();
      const certified = (ssl: object) => {
        const as = new URL(withSsl(JSON.stringify(ssl)));
        [as.username, as.password] = ['certified', 'hunter2'];
        return openMysql(as.href);
      };
      expect(await refusal(certified({ ca: ownTls().ca }))).toContain('user name and password');
      (await certified(ownTls())).destroy();
    });
  });

  describe('Kafka', () => {
    const ping = (variables: Record<string, string | undefined>) =>
      kafkaWith(servers(), variables).admin().topics();
    const noFiles = { KAFKA_SSL_CERT_FILE: undefined, KAFKA_SSL_KEY_FILE: undefined };

    it('lets the right ones in', async () => {
      expect(await ping({})).toBeInstanceOf(Set);
      expect(await ping({ KAFKA_SASL_MECHANISM: 'plain' })).toBeInstanceOf(Set);
    });
    it.each([
      ['a wrong password', { KAFKA_SASL_PASSWORD: 'hunter2' }, 'KAFKA_SASL_PASSWORD'],
      [
        'a wrong password by PLAIN',
        { KAFKA_SASL_MECHANISM: 'plain', KAFKA_SASL_PASSWORD: 'hunter2' },
        'KAFKA_SASL_PASSWORD',
      ],
      ['an unknown authority', { KAFKA_SSL_CA_FILE: undefined }, 'no authority that is trusted'],
      [
        'another authority',
        { KAFKA_SSL_CA_FILE: undefined, KAFKA_SSL_CA: stranger.cert },
        'no authority that is trusted',
      ],
      ['no client certificate', noFiles, 'it asks for a client certificate'],
    ])('%s', async (_, variables, words) => {
      expect(await refusal(ping(variables) as Promise<never>)).toContain(words);
    });
    it('a certificate for another host name', async () => {
      const brokers = servers().KAFKA_BROKERS.replace('127.0.0.1', 'localhost');
      expect(await refusal(ping({ KAFKA_BROKERS: brokers }) as Promise<never>)).toContain(
        'for another host name',
      );
    });
  });

  describe('MongoDB', () => {
    const uri = (change: (uri: string) => string) => change(servers().MONGODB_URI);
    it.each([
      [
        'a wrong password',
        (text: string) => text.replace(/:[0-9a-f]{24}@/, ':hunter2@'),
        'refuses the login',
      ],
      [
        'another authority',
        (text: string) => text.replace(/tlsCAFile=[^&]*/, `tlsCAFile=${encodeURIComponent(strangerFile())}`),
        'no authority that is trusted',
      ],
      ['another host name', local, 'for another host name'],
    ])('%s', async (_, change, words) => {
      expect(await refusal(connectMongo(uri(change)))).toContain(words);
    });
  });

  describe('Redis', () => {
    const connect = (url: string, tls = ownTls()) =>
      connectRedis(url, () => undefined, tls).then((redis) => redis.disconnect());
    it.each([
      ['a wrong password', (url: string) => url.replace(/:[0-9a-f]{24}@/, ':hunter2@'), 'refuses the login'],
      ['no user', (url: string) => url.replace(/\/\/.*@/, '//'), 'refuses the login'],
      ['another host name', local, 'for another host name'],
    ])('%s', async (_, change, words) => {
      expect(await refusal(connect(change(servers().REDIS_URL)))).toContain(words);
    });
    it('another authority', async () => {
      expect(await refusal(connect(servers().REDIS_URL, { ...ownTls(), ca: stranger.cert }))).toContain(
        'no authority that is trusted',
      );
    });
  });
}
