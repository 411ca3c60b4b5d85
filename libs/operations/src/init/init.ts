import { randomBytes } from 'node:crypto';
import { join, resolve } from 'node:path';
import { mysqlOptions, openMysql, type Flavour } from '@tributary/capture';
import { readMysqlUrl } from '@tributary/service';
import { accountsText } from './accounts-file';
import { accountUrl, envText, shellQuoted } from './env-file';
import { pipelineNames } from './names';
import { refuseExisting, writeNewFiles } from './new-files';
import { survey, type UnfitTable } from './survey';
import { syncFileText } from './sync-file';

export interface InitInput {
  /** Default: `MYSQL_URL` of the environment. Its account need only see the tables. */
  readonly mysqlUrl?: string | undefined;
  /** `database.table`, `*` for any characters. Default: the database of the URL, else every table that is not the server's own. */
  readonly tables?: readonly string[] | undefined;
  /** Folder of the files; it is made. */
  readonly out: string;
  /** Tells this pipeline from others of the same server. */
  readonly name?: string | undefined;
  readonly variables?: NodeJS.ProcessEnv;
}

export interface InitResult {
  readonly flavour: Flavour;
  /** Paths of what was written. */
  readonly files: { readonly syncFile: string; readonly accounts: string; readonly env: string };
  readonly tables: readonly {
    readonly table: string;
    readonly key: readonly string[];
    readonly rows: number;
    readonly bytes: number;
  }[];
  /** Tables that are commented out in the sync file. */
  readonly leftOut: readonly UnfitTable[];
  /** What an administrator should know before the accounts are made; a sentence each. */
  readonly remarks: readonly string[];
  /** Commands that come next, for a shell. */
  readonly next: readonly string[];
}

/**
 * Writes a sync file for the tables of a source, the statements that make its account, and the environment of services and
 * command line; changes nothing on the server and overwrites no file. Throws a SyncError of one sentence.
 */
export async function initProject(input: InitInput): Promise<InitResult> {
  const { variables = process.env } = input;
  const names = pipelineNames(input.name);
  const folder = resolve(input.out);
  const [syncFile, accounts, env] = ['sync.yaml', 'accounts.sql', '.env'].map((file) =>
    join(folder, file),
  ) as [string, string, string];
  // Before a long look at the server, and once more when all is written.
  refuseExisting([syncFile, accounts, env]);
  const adminUrl = input.mysqlUrl ?? readMysqlUrl(variables);
  const { database, host, port } = mysqlOptions(adminUrl);
  const patterns = input.tables?.length ? input.tables : [`${database ?? '*'}.*`];
  const connection = await openMysql(adminUrl);
  const found = await survey(connection, patterns, names).finally(() => connection.destroy());
  const password = newPassword();
  const mysqlUrl = accountUrl(adminUrl, names, password);
  writeNewFiles([
    { path: syncFile, text: syncFileText(found, names) },
    { path: accounts, text: accountsText(found, names, patterns, password), secret: true },
    { path: env, text: envText({ mysqlUrl, syncFile, variables }), secret: true },
  ]);
  const { flavour } = found.server;
  return {
    ...{ flavour, files: { syncFile, accounts, env }, leftOut: found.leftOut },
    tables: found.tables.map(({ table, rows, bytes, plan }) => ({
      table,
      key: plan.keyColumns,
      rows,
      bytes,
    })),
    remarks: found.accountExists
      ? [
          `The server has an account ${names.account} already, so ${accounts} will fail: drop that account, or choose another --name.`,
        ]
      : [],
    next: [
      `${flavour === 'mysql' ? 'mysql' : 'mariadb'} -h ${host} -P ${port} -u root -p < ${shellQuoted(accounts)}`,
      `set -a; . ${shellQuoted(env)}; set +a`,
      'tributary doctor',
    ],
  };
}

/** 192 random bits, and one of each kind of sign that a server may ask for; none that a URL or a shell would read otherwise. */
const newPassword = () => `${randomBytes(24).toString('base64url')}-Aa1`;
