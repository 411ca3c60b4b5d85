import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { everyServer } from '@tributary/operations';
import { createHttpApp, readEnv, ServiceContext } from '@tributary/service';
import { createKafka } from '@tributary/transport-kafkajs';
import { stackEnv, uniqueName } from '@tributary/testing';
import { ConsoleModule } from '../../src/console.module';
import { consoleHttp } from '../../src/http/http-server';
import { readConsoleSettings } from '../../src/settings/console-settings';
import { Client } from './client';

export const secret = 'of the tests, thirty-two characters and more';

const env = stackEnv();
const silent = { debug() {}, info() {}, warn() {}, error() {} };
export const kafka = createKafka({ brokers: env.KAFKA_BROKERS.split(','), clientId: 'test' }, silent);

/** A folder with a sync file of a pipeline that nobody else has. */
export class TestFiles {
  readonly name = uniqueName('console');
  readonly folder = mkdtempSync(join(tmpdir(), 'console-'));
  readonly syncFile = this.write(
    'sync.yaml',
    `topics: { prefix: ${this.name}, partitions: 2 }\ncapture: { schema: tributary_${this.name} }\ntables: [ { table: "${this.name}.*" } ]\n`,
  );

  write(name: string, content: string): string {
    const path = join(this.folder, name);
    writeFileSync(path, content);
    return path;
  }

  async remove(): Promise<void> {
    rmSync(this.folder, { recursive: true, force: true });
    const topics = kafka.admin();
    await topics.deleteTopics([...(await topics.topics())].filter((topic) => topic.startsWith(this.name)));
  }
}

export interface ConsoleOptions {
  /** Variables of the console. */
  readonly variables?: Readonly<Record<string, string>>;
  readonly webFolder?: string;
  /** Variables of the servers, where they are not the stack's. */
  readonly servers?: Readonly<Record<string, string>>;
  /** Default: a free one. */
  readonly port?: number;
}

/** The console in the test's own process, on a port of its own. */
export class TestConsole {
  private constructor(
    readonly app: NestExpressApplication,
    readonly url: string,
    readonly printedToken: string | undefined,
  ) {}

  static async start(files: TestFiles, options: ConsoleOptions = {}) {
    const { variables = {}, webFolder, servers = {}, port: asked = 0 } = options;
    Object.assign(process.env, env, servers, { SYNC_CONFIG: files.syncFile, LOG_LEVEL: 'fatal' });
    const settings = readConsoleSettings({ CONSOLE_SECRET: secret, ...variables });
    const context = new ServiceContext('console', readEnv(everyServer()));
    const app = await createHttpApp(context, ConsoleModule.with(settings), consoleHttp(settings, webFolder));
    await app.listen(asked, '127.0.0.1');
    const { port } = app.getHttpServer().address() as AddressInfo;
    return new TestConsole(app, `http://127.0.0.1:${port}`, settings.printedToken);
  }

  /** Nobody yet. */
  get client(): Client {
    return new Client(this.url);
  }

  withToken(token = this.printedToken!): Client {
    return new Client(this.url, { authorization: `Bearer ${token}` });
  }

  async stop(): Promise<void> {
    this.app.getHttpServer().closeAllConnections();
    await this.app.close();
  }
}
