import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openMysql, type Connection } from '@tributary/capture';
import { stackEnv, uniqueName } from '@tributary/testing';
import { inProcess } from './in-process';
import { build, tributary, type Ran } from './tributary';

/** What a person reads of an error. */
export const oneSentence = /^tributary: [^\n]+[.)]\n$/;

/** The command line beside a database with three tables, of which one has no key; nothing is installed, no service runs. */
export class TestCli {
  readonly folder = mkdtempSync(join(tmpdir(), 'tributary-cli-'));
  readonly database = uniqueName('cli');
  /** Names the tables with keys, by many options. */
  readonly syncFile = this.file(
    'good.yaml',
    `topics: { prefix: ${this.database}, partitions: 1 }
capture: { schema: tributary_${this.database} }
tables:
  - table: ${this.database}.users
    columns: { exclude: [secret], rename: { name: login }, mask: { email: sha256 } }
    where: id > 0
  - table: ${this.database}.orders
    redis: { key: "o:{a}:{b}", as: json }
`,
  );
  admin!: Connection;
  bundles!: string;

  async open(): Promise<void> {
    this.bundles = build('cli');
    this.admin = await openMysql(stackEnv().ADMIN_MYSQL_URL);
    await this.admin.query(`CREATE DATABASE ${this.database}`);
    await this.admin.query(
      `CREATE TABLE ${this.database}.users (id INT PRIMARY KEY, name VARCHAR(9), email VARCHAR(9), secret INT)`,
    );
    await this.admin.query(`CREATE TABLE ${this.database}.orders (a INT, b INT, PRIMARY KEY (a, b))`);
    await this.admin.query(`CREATE TABLE ${this.database}.keyless (a INT)`);
  }

  async close(): Promise<void> {
    await this.admin?.query(`DROP DATABASE IF EXISTS ${this.database}`);
    await this.admin?.query(`DROP DATABASE IF EXISTS tributary_${this.database}`);
    this.admin?.destroy();
    for (const path of [this.folder, this.bundles]) rmSync(path, { recursive: true });
  }

  /** A file in the folder; answers its path. */
  file(name: string, text: string): string {
    const path = join(this.folder, name);
    writeFileSync(path, text);
    return path;
  }

  /** Runs a command until it ends. */
  readonly run = inProcess;

  /** The same by the built command line, as a process. */
  runBuilt(args: string[], variables?: Record<string, string | undefined>): Promise<Ran> {
    return tributary(this.bundles, args, variables);
  }
}
