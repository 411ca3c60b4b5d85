import { execFile, execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openMysql, type Connection } from '@tributary/capture';
import { connectMongo } from '@tributary/targets';
import { oneOf, stackEnv, uniqueName } from '@tributary/testing';
import type { Flavour } from './support/flavours';

jest.setTimeout(300_000);

const root = join(__dirname, '..');
const servers = stackEnv();
const MOST_COMMANDS = 5;
const MOST_SECONDS = 180;
const ROWS = 1_000;

/** The quick start of the README, line by line. */
const written = /```sh\n([^`]*tributary -- init mysql:[^`]*)```/
  .exec(readFileSync(join(root, 'README.md'), 'utf8'))![1]!
  .trim()
  .split('\n');

/** What a machine may lack: reads statements as the client does, with the login of the first argument. */
const mysqlClient = (url: string) => `#!/bin/sh
exec '${process.execPath}' -e '
  const { createConnection } = require("${join(root, 'node_modules/mysql2/promise')}");
  const sql = require("fs").readFileSync(0, "utf8");
  createConnection({ uri: "${url}", multipleStatements: true }).then(async (c) => { await c.query(sql); await c.end(); });
'
`;

describe.each(oneOf<[Flavour]>(['mysql'], ['mariadb']))('first run with an own database on %s', (flavour) => {
  const name = uniqueName('f')
    .replace(/[^a-z0-9]/g, '')
    .slice(0, 16);
  const database = `first_${name}`;
  const folder = mkdtempSync(join(tmpdir(), 'tributary-first-'));
  const services = ['run', '-s', 'services', '--', '--folder', join(folder, 'services')];
  const adminUrl = (flavour === 'mysql' ? servers.ADMIN_MYSQL_URL : servers.ADMIN_MARIADB_URL)!;
  let admin: Connection;

  beforeAll(async () => {
    admin = await openMysql(adminUrl, { multipleStatements: true });
    await admin.query(`CREATE DATABASE ${database}; USE ${database};
      CREATE TABLE customers (id INT PRIMARY KEY, email VARCHAR(90), score DECIMAL(40,3));
      CREATE TABLE orders (id BIGINT PRIMARY KEY, customer INT, doc JSON,
        FOREIGN KEY (customer) REFERENCES customers (id) ON DELETE CASCADE);
      CREATE TABLE events (at DATETIME(6), what TEXT)`);
    const rows = Array.from({ length: ROWS }, (_, id) => [id, `${id}@example.org`, `${id}.125`]);
    await admin.query('INSERT INTO customers VALUES ?', [rows]);
    await admin.query('INSERT INTO orders SELECT id, id, JSON_OBJECT("n", id) FROM customers');
    mkdirSync(join(folder, 'bin'));
    writeFileSync(join(folder, 'bin', flavour), mysqlClient(adminUrl));
    chmodSync(join(folder, 'bin', flavour), 0o755);
  });

  afterAll(async () => {
    execFileSync('npm', [...services, 'down'], { cwd: root });
    const mongo = await connectMongo(servers.MONGODB_URI);
    await mongo.getClient().db(database).dropDatabase();
    await mongo.close();
    await admin.query(`DROP DATABASE ${database}; DROP DATABASE IF EXISTS tributary_${name};
      DROP USER IF EXISTS tributary_${name}_relay`);
    admin.destroy();
    rmSync(folder, { recursive: true, force: true });
  });

  /** The line as somebody would type it here: this server, this folder, and a name beside other pipelines. */
  const typed = (line: string) =>
    line
      .replace(
        /mysql:\/\/\S+\/shop --out shop/,
        `'${adminUrl}/${database}' --out '${folder}/shop' --name ${name}`,
      )
      .replace(/(<|\.) shop\//, `$1 ${folder}/shop/`)
      .replace(/^mysql /, `${flavour} `)
      .replace('services -- up', `services -- --folder '${folder}/services' up`);

  it(`R1: comes to verified rows by the ${MOST_COMMANDS} lines of the README within three minutes`, async () => {
    expect(written.length).toBeLessThanOrEqual(MOST_COMMANDS);
    const lines = written.map(typed);
    expect(lines.join('\n')).not.toMatch(/shop\/shop|PASSWORD|3306\/shop/);
    const began = performance.now();
    const { code, text } = await shell(lines.join('\n'));
    const seconds = (performance.now() - began) / 1000;
    expect([code, text]).toEqual([0, expect.stringContaining(`${database}.orders`)]);
    process.stdout.write(`first verified row after ${seconds.toFixed(1)} s and ${lines.length} commands\n`);
    expect(seconds).toBeLessThan(MOST_SECONDS);

    const mongo = await connectMongo(servers.MONGODB_URI);
    const count = await mongo.getClient().db(database).collection('orders').countDocuments();
    await mongo.close();
    expect(count).toBe(ROWS);

    const page = await fetch(/http:\/\/127\.0\.0\.1:\d+\/(?=#token=)/.exec(text)![0]);
    expect([page.status, page.headers.get('content-type')]).toEqual([
      200,
      expect.stringContaining('text/html'),
    ]);
  });

  function shell(script: string): Promise<{ code: number; text: string }> {
    const { KAFKA_BROKERS, MONGODB_URI, REDIS_URL } = servers;
    const others = Object.entries(process.env).filter(([variable]) => !/_URL$|^SYNC_CONFIG$/.test(variable));
    const env = {
      ...Object.fromEntries(others),
      ...{ KAFKA_BROKERS, MONGODB_URI, REDIS_URL },
      PATH: `${join(folder, 'bin')}:${process.env['PATH']}`,
    };
    return new Promise((resolve) => {
      execFile('sh', ['-ec', script], { cwd: root, env }, (error, out, err) =>
        resolve({ code: error ? Number(error.code ?? 255) : 0, text: out + err }),
      );
    });
  }
});
