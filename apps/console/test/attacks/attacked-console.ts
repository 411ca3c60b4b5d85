import { mkdirSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { hashPassword, makeToken, Sealer } from '@tributary/console-access';
import type { Client } from '../support/client';
import { secret, TestConsole, TestFiles } from '../support/test-console';

interface RawAnswer {
  readonly status: number;
  readonly body: string;
  readonly headers: NodeJS.Dict<string | string[]>;
}

/** A console with users of a file and pages, and those who come to it: a viewer's program, and an operator's browser. */
export class AttackedConsole {
  readonly sealer = new Sealer(secret);
  readonly #files = new TestFiles();
  server!: TestConsole;
  viewer!: Client;
  /** Of olga, whose password is right. */
  browser!: Client;

  async start(): Promise<void> {
    const files = this.#files;
    const webFolder = join(files.folder, 'web');
    mkdirSync(join(webFolder, 'assets'), { recursive: true });
    files.write('web/index.html', '<!doctype html><title>the page</title>');
    files.write('web/assets/app-1a2b3c.js', '1');
    const users = `- { name: olga, role: operator, hash: "${await hashPassword('right')}" }`;
    const variables = { CONSOLE_USERS_FILE: files.write('users.yaml', users) };
    this.server = await TestConsole.start(files, { variables, webFolder });
    this.viewer = this.server.withToken(await makeToken(this.sealer, { name: 'vera', role: 'viewer' }, 1));
    this.browser = await this.server.client.login({ name: 'olga', password: 'right' });
  }

  async stop(): Promise<void> {
    await this.server?.stop();
    await this.#files.remove();
  }

  /** Asks for a path as it is written, which fetch would mend. */
  raw(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<RawAnswer> {
    return new Promise((resolve, reject) => {
      const { hostname, port } = new URL(this.server.url);
      const sent = request({ hostname, port, path, method, headers }, (response) => {
        let body = '';
        response.on('data', (piece: Buffer) => (body += piece.toString()));
        response.on('end', () => resolve({ status: response.statusCode!, body, headers: response.headers }));
      });
      sent.on('error', reject);
      sent.end();
    });
  }
}
