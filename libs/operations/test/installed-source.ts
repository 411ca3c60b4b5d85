import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openMysql, type Connection } from '@tributary/capture';
import { stackEnv, uniqueName } from '@tributary/testing';
import { install, Servers, type OperationContext } from '../src';

const silent = { debug() {}, info() {}, warn() {}, error() {} };

/** A database of a test's own with capture installed on its tables, and the context of use cases that look at it. */
export class InstalledSource {
  readonly name: string;
  readonly captureSchema: string;
  readonly servers: Servers;
  readonly context: OperationContext;
  /** What use cases told beside their results. */
  readonly notes: string[] = [];
  readonly #folder: string;

  private constructor(
    prefix: string,
    readonly admin: Connection,
  ) {
    this.name = uniqueName(prefix);
    this.captureSchema = `tributary_${this.name}`;
    this.#folder = mkdtempSync(join(tmpdir(), `tributary-${prefix}-`));
    const file = join(this.#folder, 'sync.yaml');
    writeFileSync(
      file,
      `topics: { prefix: ${this.name} }\ncapture: { schema: ${this.captureSchema} }\ntables: [{ table: ${this.name}.* }]\n`,
    );
    this.servers = new Servers({ mysql: true }, silent, { ...process.env, SYNC_CONFIG: file });
    const note = (sentence: string) => void this.notes.push(sentence);
    this.context = { servers: this.servers, log: silent, note };
  }

  /** `prefix` begins its names; each of the tables has a key `id` alone. */
  static async open(prefix: string, tables: readonly string[]): Promise<InstalledSource> {
    const source = new InstalledSource(prefix, await openMysql(stackEnv().ADMIN_MYSQL_URL));
    await source.admin.query(`CREATE DATABASE ${source.name}`);
    for (const table of tables)
      await source.admin.query(`CREATE TABLE ${source.name}.${table} (id INT PRIMARY KEY)`);
    await install(source.context, {});
    return source;
  }

  async close(): Promise<void> {
    await this.servers.close();
    for (const database of [this.name, this.captureSchema])
      await this.admin.query(`DROP DATABASE IF EXISTS ${database}`);
    this.admin.destroy();
    rmSync(this.#folder, { recursive: true });
  }
}
