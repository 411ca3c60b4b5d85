import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openMysql, type Connection } from '@tributary/capture';
import { loadSyncConfig } from '@tributary/sync-config';
import { stackEnv, uniqueName } from '@tributary/testing';
import { captureLines, hasDrift, initProject, install, resolvedPlan, Servers, uninstall } from '../src';
import type { OperationContext } from '../src';

const env = stackEnv();
const silent = { debug() {}, info() {}, warn() {}, error() {} };
const folder = mkdtempSync(join(tmpdir(), 'tributary-init-'));
afterAll(() => rmSync(folder, { recursive: true }));

let folders = 0;
const newFolder = () => join(folder, `${(folders += 1)}`);

/** What a shell makes of the file, as a service would get it. */
function variablesOf(file: string): Record<string, string> {
  const text = execFileSync('sh', ['-c', 'set -a; . "$1"; env -0', 'sh', file], {
    env: { PATH: process.env['PATH'] },
    encoding: 'utf8',
  });
  return Object.fromEntries(
    text
      .split('\0')
      .filter(Boolean)
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
}

async function withServers<T>(file: string, work: (context: OperationContext) => Promise<T>): Promise<T> {
  const servers = new Servers({ mysql: true }, silent, variablesOf(file));
  try {
    return await work({ servers, log: silent, note: () => undefined });
  } finally {
    await servers.close();
  }
}

const oddTables = [
  'yes',
  '1.5',
  '日本語',
  `it's "quoted": [a] {b} #c \\d & !not`,
  'two\nlines: - table: x',
  '- dash',
  'back`tick',
];

describe.each([
  ['MySQL', env.ADMIN_MYSQL_URL],
  ['MariaDB', env.ADMIN_MARIADB_URL],
])('init on %s', (_server, adminUrl) => {
  const short = uniqueName('i')
    .replace(/[^a-z0-9]/g, '')
    .slice(0, 16);
  const plain = uniqueName('init');
  const odd = `${plain} "o'dd": #%_`;
  const other = `${plain}_parents`;
  let admin: Connection;
  const quoted = (name: string) => `\`${name.replaceAll('`', '``')}\``;

  beforeAll(async () => {
    admin = await openMysql(adminUrl!, { multipleStatements: true });
    for (const name of [plain, odd, other]) await admin.query(`CREATE DATABASE ${quoted(name)}`);
    await admin.query(`CREATE TABLE ${other}.owners (id INT PRIMARY KEY)`);
    await admin.query(`CREATE TABLE ${plain}.customers (id INT PRIMARY KEY, email VARCHAR(90), wide DECIMAL(40,2),
        doc JSON, notes LONGTEXT, owner INT, FOREIGN KEY (owner) REFERENCES ${other}.owners (id) ON DELETE CASCADE);
      CREATE TABLE ${plain}.keyless (a INT); CREATE TABLE ${plain}.isam (id INT PRIMARY KEY) ENGINE=MyISAM;
      INSERT INTO ${plain}.customers (id) VALUES (1), (2), (3)`);
    await admin.query(`CREATE TABLE ${quoted(odd)}.\`star*\` (id INT PRIMARY KEY)`);
    for (const table of oddTables)
      await admin.query(
        `CREATE TABLE ${quoted(odd)}.${quoted(table)} (\`i: d\` INT PRIMARY KEY, \`e\nmail, {x}\` INT, email INT)`,
      );
  });

  afterAll(async () => {
    for (const name of [plain, odd, other, `tributary_${short}`])
      await admin?.query(`DROP DATABASE IF EXISTS ${quoted(name)}`);
    await admin?.query(`DROP USER IF EXISTS tributary_${short}_relay`);
    admin?.destroy();
  });

  it('writes a sync file that says what cannot be captured, and what somebody may decide', async () => {
    const out = newFolder();
    const { files, tables, leftOut } = await initProject({ mysqlUrl: adminUrl, tables: [`${plain}.*`], out });
    expect(tables).toEqual([
      { table: `${plain}.customers`, key: ['id'], rows: 3, bytes: expect.any(Number) },
    ]);
    expect(leftOut.map(({ table, code }) => [table, code])).toEqual([
      [`${plain}.keyless`, 'NO_KEY'],
      [`${plain}.isam`, 'ENGINE'],
    ]);
    const text = readFileSync(files.syncFile, 'utf8');
    expect(loadSyncConfig(files.syncFile).tablePatterns).toEqual([`${plain}.customers`]);
    expect(text).toContain(`  # - table: ${plain}.keyless\n  #   # Cannot be captured: `);
    for (const [column, of] of [
      ['wide', 'decimal'],
      ['doc', ''],
      ['notes', 'longtext'],
    ])
      expect(text).toMatch(new RegExp(`^ {4}# \`${column}\` ${of}`, 'm'));
    // As a person would do it.
    writeFileSync(files.syncFile, text.replace('    # columns: {', '    columns: {'));
    expect(loadSyncConfig(files.syncFile).table(`${plain}.customers`)!.mask).toEqual({ email: 'sha256' });
  });

  it('R15: its files pass config check and capture install with the account that they make, and no more than that', async () => {
    const out = newFolder();
    await admin.query(`DROP USER IF EXISTS tributary_${short}_relay`);
    const { files, tables, leftOut, remarks } = await initProject({
      ...{ mysqlUrl: adminUrl, tables: [`${plain}.customers`, `${odd}.*`], out, name: short },
      variables: {
        KAFKA_BROKERS: 'k:1',
        MONGODB_URI: 'mongodb://u:p@h/?a=1&b=2',
        REDIS_URL: "redis://:a'b@h",
      },
    });
    expect(tables.map(({ table }) => table).sort()).toEqual(
      [`${plain}.customers`, ...oddTables.map((table) => `${odd}.${table}`)].sort(),
    );
    expect(leftOut.map(({ table, code }) => [table, code])).toEqual([[`${odd}.star*`, 'NAME']]);
    expect(remarks).toEqual([]);
    await admin.query(readFileSync(files.accounts, 'utf8'));
    const { MONGODB_URI, REDIS_URL, SYNC_CONFIG, MYSQL_URL } = variablesOf(files.env);
    expect([MONGODB_URI, REDIS_URL, SYNC_CONFIG]).toEqual([
      ...['mongodb://u:p@h/?a=1&b=2', "redis://:a'b@h", files.syncFile],
    ]);
    await withServers(files.env, async (context) => {
      const { tables: planned, suspended, skipped } = await resolvedPlan(context, {});
      expect([planned.length, suspended, skipped]).toEqual([tables.length, [], []]);
      const { tables: installed, suspended: left } = await install(context, {});
      expect([installed.length >= tables.length, left]).toEqual([true, []]);
      expect(hasDrift(await captureLines(context, {}))).toBe(false);
    });
    const relay = await openMysql(MYSQL_URL!);
    await expect(relay.query(`UPDATE ${plain}.customers SET id = 9`)).rejects.toMatchObject({ errno: 1142 });
    await expect(relay.query(`SELECT * FROM ${plain}.keyless`)).rejects.toMatchObject({ errno: 1142 });
    await expect(relay.query('SELECT * FROM mysql.user')).rejects.toMatchObject({ errno: 1142 });
    relay.destroy();
    // The triggers work for who has no right on the change log.
    await admin.query(`INSERT INTO ${plain}.customers (id) VALUES (4)`);
    const [log] = await admin.query(`SELECT COUNT(*) AS n FROM tributary_${short}.change_log`);
    expect(log).toEqual([{ n: '1' }]);
    await withServers(files.env, (context) => uninstall(context, { all: true }));
    const again = await initProject({
      mysqlUrl: adminUrl,
      tables: [`${plain}.*`],
      out: newFolder(),
      name: short,
    });
    expect(again.remarks).toHaveLength(1);
  });

  it('keeps passwords to the owner of the files', async () => {
    const { files } = await initProject({ mysqlUrl: adminUrl, tables: [`${plain}.*`], out: newFolder() });
    const modes = [files.env, files.accounts].map((file) => statSync(file).mode & 0o777);
    expect(modes).toEqual([0o600, 0o600]);
    const [password] = /-Aa1/.exec(readFileSync(files.env, 'utf8')) ?? [];
    expect(password).toBeDefined();
    expect(readFileSync(files.syncFile, 'utf8')).not.toContain('-Aa1');
  });

  it.each(['sync.yaml', 'accounts.sql', '.env'])('writes nothing when %s is there', async (file) => {
    const out = newFolder();
    mkdirSync(out);
    writeFileSync(join(out, file), 'mine');
    await expect(initProject({ mysqlUrl: adminUrl, tables: [`${plain}.*`], out })).rejects.toMatchObject({
      ...{ code: 'EXISTS', message: expect.stringContaining(join(out, file)) },
    });
    expect(readdirSync(out)).toEqual([file]);
    expect(readFileSync(join(out, file), 'utf8')).toBe('mine');
  });

  it('takes the database of the address, and says what is there when nothing matches', async () => {
    const out = newFolder();
    const { tables } = await initProject({ mysqlUrl: `${adminUrl}/${other}`, out });
    expect(tables.map(({ table }) => table)).toEqual([`${other}.owners`]);
    await expect(
      initProject({ mysqlUrl: adminUrl, tables: ['nobody.*'], out: newFolder() }),
    ).rejects.toMatchObject({
      ...{ code: 'TABLE', message: expect.stringContaining(plain) },
    });
    await expect(
      initProject({ mysqlUrl: adminUrl, tables: [`${plain}.keyless`], out: newFolder() }),
    ).rejects.toMatchObject({ code: 'TABLE', message: expect.stringContaining('ADD PRIMARY KEY') });
  });

  it('says that the server does not answer, refuses the account, or shows it nothing', async () => {
    const out = newFolder();
    await expect(initProject({ mysqlUrl: 'mysql://a:b@127.0.0.1:1', out })).rejects.toMatchObject({
      code: 'UNREACHABLE',
    });
    const wrong = new URL(adminUrl!);
    wrong.password = 'wrong';
    await expect(initProject({ mysqlUrl: wrong.href, out })).rejects.toMatchObject({ code: 'ACCESS' });
    const blind = uniqueName('blind');
    await admin.query(`CREATE USER ${blind} IDENTIFIED BY 'x-Aa1-x-Aa1'`);
    const url = new URL(adminUrl!);
    [url.username, url.password] = [blind, 'x-Aa1-x-Aa1'];
    await expect(initProject({ mysqlUrl: url.href, out })).rejects.toMatchObject({ code: 'RIGHTS' });
    await admin.query(`DROP USER ${blind}`);
    await expect(initProject({ out, variables: {} })).rejects.toMatchObject({ code: 'ENV' });
    await expect(initProject({ mysqlUrl: adminUrl, out, name: "x'; DROP" })).rejects.toMatchObject({
      code: 'NAME',
    });
    expect(existsSync(out)).toBe(false);
  });
});
