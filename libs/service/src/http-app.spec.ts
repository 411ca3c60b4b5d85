import { request } from 'node:http';
import { Module, type INestApplication } from '@nestjs/common';
import { parseSyncConfig } from '@tributary/sync-config';
import { createHttpApp } from './http-app';
import { ServiceContext } from './service-context';

@Module({})
class NoWork {}

describe('HTTP endpoints', () => {
  let app: INestApplication;
  let port: number;
  beforeAll(async () => {
    const context = new ServiceContext('validator', {
      ...{ kafka: { brokers: ['k:1'] }, mysqlUrl: '', targets: {} },
      ...{ config: parseSyncConfig('tables: [{table: a.b}]'), configPath: '', port: 0, host: '127.0.0.1' },
      logLevel: 'fatal',
    });
    app = await createHttpApp(context, NoWork);
    await app.listen(0, '127.0.0.1');
    port = (app.getHttpServer().address() as { port: number }).port;
  });
  afterAll(() => app.close());

  interface Answer {
    readonly status: number;
    readonly body: string;
    readonly headers: NodeJS.Dict<string | string[]>;
  }
  const ask = (method: string, path: string, headers: Record<string, string> = {}, body?: string) =>
    new Promise<Answer>((resolve, reject) => {
      const sent = request({ host: '127.0.0.1', port, method, path, headers }, (response) => {
        let text = '';
        response.on('data', (piece: Buffer) => (text += piece.toString()));
        response.on('end', () =>
          resolve({ status: response.statusCode!, body: text, headers: response.headers }),
        );
      });
      sent.on('error', reject);
      sent.end(body);
    });

  it.each(['/health/live', '/health/ready', '/metrics', '/info'])('%s answers GET', async (path) => {
    const { status, headers } = await ask('GET', path);
    expect(status).toBe(200);
    expect(headers['x-powered-by']).toBeUndefined();
    expect(headers['x-content-type-options']).toBe('nosniff');
  });

  it.each(['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE'])('%s is not allowed', async (method) => {
    const { status, headers, body } = await ask(method, '/info');
    expect([status, headers['allow'], body]).toEqual([405, 'GET, HEAD', '']);
  });

  it('reads no body, however large', async () => {
    const large = ask('POST', '/info', { 'content-type': 'application/json' }, 'x'.repeat(20 << 20));
    // The answer comes, or the connection is closed in the middle of the body.
    const status = await large.then(
      (answer) => answer.status,
      (error: NodeJS.ErrnoException) => error.code,
    );
    expect([405, 'ECONNRESET', 'EPIPE']).toContain(status);
  });

  it.each(['/', '/metrics/x', '/../etc/passwd', '/%', '/health', '/__proto__'])(
    '%s: no such path, no stack trace, no file name',
    async (path) => {
      const { status, body, headers } = await ask('GET', path);
      expect([400, 404]).toContain(status);
      expect(headers['content-type']).toMatch(/^application\/json/);
      expect(body).not.toMatch(/node_modules|\.[tj]s\b|\s+at /);
    },
  );

  it('takes no notice of a query', async () => {
    expect((await ask('GET', '/info?x[__proto__][y]=1&x=%00')).status).toBe(200);
    expect(({} as Record<string, unknown>)['y']).toBeUndefined();
  });

  it('refuses headers past 16 KiB', async () => {
    expect((await ask('GET', '/info', { x: 'y'.repeat(20_000) })).status).toBe(431);
  });

  it('closes a connection that does not finish its request', () => {
    // Node.js looks at them every 30 s, which is too long to wait for here.
    const server = app.getHttpServer();
    expect([server.headersTimeout, server.requestTimeout]).toEqual([5_000, 10_000]);
    expect(server.maxConnections).toBe(500);
  });
});
