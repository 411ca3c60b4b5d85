import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { openMysql } from '@tributary/capture';
import { uniqueName, waitFor } from '@tributary/testing';
import { pickPort, applyAccounts, mariadbServer, mysqlServer, type StackState } from '@tributary/dev-stack';

const quiet = () => undefined;

type Kind = 'mysql' | 'mariadb';

/** A MySQL or MariaDB server of a test's own, whose data folder can be set back to a copy. */
export class OwnMysql {
  #process: ChildProcess | undefined;

  private constructor(
    private readonly folder: string,
    private readonly state: StackState,
    private readonly port: number,
    private readonly kind: Kind,
    private readonly options: readonly string[],
  ) {}

  /** `options`: of the command line. */
  static async start(
    folder: string,
    kind: Kind = 'mysql',
    options: readonly string[] = [],
  ): Promise<OwnMysql> {
    const port = await pickPort();
    const state: StackState = {
      ...{ name: uniqueName('own'), provider: 'native', choice: kind, servers: { [kind]: { port } } },
      passwords: { admin: 'own-admin', relay: 'own-relay', app: 'own-app', services: '' },
    };
    const server = new OwnMysql(folder, state, port, kind, options);
    await server.start();
    return server;
  }

  /** An account that may do everything. */
  get url(): string {
    return `mysql://root:${this.state.passwords.admin}@127.0.0.1:${this.port}`;
  }

  /** The relay's account, with the rights of sql/accounts and no others. */
  async relayUrl(): Promise<string> {
    await applyAccounts(this.state, this.kind);
    return `mysql://tributary_relay:${this.state.passwords.relay}@127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    const record = this.state.servers[this.kind]!;
    const { command, args, env } = await (this.kind === 'mysql' ? mysqlServer : mariadbServer).prepare({
      ...{ stack: this.state, record, folder: this.folder, say: quiet },
    });
    const small = '--innodb-buffer-pool-size=64M';
    this.#process = spawn(command, [...args, small, ...this.options], {
      env: { ...process.env, ...env },
      stdio: 'ignore',
    });
    await waitFor(async () => (await openMysql(this.url)).end().then(() => true), { timeoutMs: 60_000 });
  }

  async stop(): Promise<void> {
    const ended = this.#process && once(this.#process, 'exit');
    this.#process?.kill('SIGTERM');
    await ended;
    this.#process = undefined;
  }

  /** Keeps what the server holds now. It must not run. */
  keep(): void {
    cpSync(join(this.folder, 'data'), join(this.folder, 'kept'), { recursive: true });
  }

  /** Sets the server back to what was kept. It must not run. */
  setBack(): void {
    rmSync(join(this.folder, 'data'), { recursive: true });
    cpSync(join(this.folder, 'kept'), join(this.folder, 'data'), { recursive: true });
  }

  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
