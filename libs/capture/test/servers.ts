import { parseSyncConfig, type SyncConfig } from '@tributary/sync-config';
import { stackEnv, uniqueName } from '@tributary/testing';
import { openMysql, uninstallCapture, type Connection } from '../src';

/** One server under test, with a source database and a capture schema of its own. */
export interface Source {
  readonly flavour: 'mysql' | 'mariadb';
  readonly database: string;
  readonly captureSchema: string;
  /** Address of the relay's account. */
  readonly url: string;
  readonly adminUrl: string;
  /** May do everything. */
  readonly admin: Connection;
  /** The relay's account. */
  readonly relay: Connection;
  /** Sync configuration for entries in YAML flow form, e.g. `{ table: DB.t }`; DB stands for the database. */
  config(...entries: string[]): SyncConfig;
  /** A further connection, closed with the rest. */
  open(who?: 'admin' | 'relay'): Promise<Connection>;
  /** Log rows as the server holds them, oldest first. */
  log(): Promise<LogRow[]>;
  close(): Promise<void>;
}

interface LogRow {
  readonly id: string;
  readonly op: string;
  readonly key: string;
  readonly before: string | null;
  readonly after: string | null;
}

const environment = stackEnv();

/** Both servers, where the stack has both; for `describe.each`. */
export const flavours: ('mysql' | 'mariadb')[] = environment.ADMIN_MARIADB_URL
  ? ['mysql', 'mariadb']
  : ['mysql'];

export async function openSource(flavour: 'mysql' | 'mariadb'): Promise<Source> {
  const maria = flavour === 'mariadb';
  const url = (maria ? environment.MARIADB_URL : environment.MYSQL_URL)!;
  const adminUrl = (maria ? environment.ADMIN_MARIADB_URL : environment.ADMIN_MYSQL_URL)!;
  const database = uniqueName('cap_test');
  const captureSchema = uniqueName('tributary_cap');
  const opened: Connection[] = [];
  const open = async (who: 'admin' | 'relay' = 'admin') => {
    const connection = await openMysql(who === 'admin' ? adminUrl : url, {
      ...(who === 'admin' && { database }),
    });
    opened.push(connection);
    return connection;
  };
  const creator = await openMysql(adminUrl);
  await creator.query(`CREATE DATABASE ${database} CHARACTER SET utf8mb4`);
  await creator.end();
  const admin = await open();
  const relay = await open('relay');
  return {
    flavour,
    database,
    captureSchema,
    url,
    adminUrl,
    admin,
    relay,
    open,
    config: (...entries) =>
      parseSyncConfig(
        `{ capture: { schema: ${captureSchema} }, defaults: { before: true }, tables: [${entries.join(', ').replaceAll('DB', database)}] }`,
      ),
    async log() {
      const [rows] = await admin.query(
        `SELECT id, op, row_key AS \`key\`, before_image AS \`before\`, after_image AS \`after\`
         FROM ${captureSchema}.change_log WHERE op <> 'm' ORDER BY id`,
      );
      return rows as LogRow[];
    },
    async close() {
      const cleaner = await openMysql(adminUrl);
      for (const connection of opened) connection.destroy();
      await uninstallCapture(cleaner, { captureSchema }, { all: true });
      await cleaner.query(`DROP DATABASE IF EXISTS ${database}`);
      await cleaner.query(`DROP DATABASE IF EXISTS ${captureSchema}`);
      await cleaner.end();
    },
  };
}
