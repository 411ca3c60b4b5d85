import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openMysql, pinnedVariables } from '@tributary/capture';
import { captureDataSource } from '@tributary/capture-store';
import { oneOf, stackEnv } from '@tributary/testing';
import { badOptions, badSettings, refusedSettings } from './support/bad-settings';
import type { Flavour } from './support/flavours';
import { OwnMysql } from './support/own-mysql';
import { Pipeline } from './support/pipeline';

jest.setTimeout(300_000);

/** As SHOW VARIABLES writes what was set. */
const shown = (value: string) =>
  ({
    "''": '',
    '0': /^(0|OFF|0\.0+)$/,
    '1': /^(1|ON|YES)$/,
    DEFAULT: 'DEFAULT',
    "'default'": /mrr|index_merge/,
  })[value] ?? value.replace(/^'|'$/g, '');

describe.each(oneOf<Flavour>('mysql', 'mariadb'))(
  'a %s server whose every setting is bad for us',
  (mysql) => {
    let server: OwnMysql;
    let url: string;
    let pipeline: Pipeline;

    beforeAll(async () => {
      server = await OwnMysql.start(
        mkdtempSync(join(tmpdir(), 'tributary-settings-')),
        mysql,
        badOptions[mysql],
      );
      url = await server.relayUrl();
      const address =
        mysql === 'mysql'
          ? { MYSQL_URL: url, ADMIN_MYSQL_URL: server.url }
          : { MARIADB_URL: url, ADMIN_MARIADB_URL: server.url };
      pipeline = new Pipeline({ mysql, servers: { ...stackEnv(), ...address } });
      // The test's own connection stays as it was.
      await pipeline.prepare(['CREATE TABLE first (id INT PRIMARY KEY)']);
    });

    it('R14: what capture cannot work under is refused by name, and nothing is made', async () => {
      const admin = await openMysql(server.url);
      for (const [name, value, said, good] of refusedSettings[mysql]) {
        await admin.query(`SET GLOBAL ${name} = ${value}`);
        const { status, stderr } = await pipeline.cli('capture', 'install');
        await admin.query(`SET GLOBAL ${name} = ${good}`);
        expect([name, status, stderr]).toEqual([name, 1, expect.stringMatching(said)]);
      }
      const [made] = await admin.query(`SHOW DATABASES LIKE '${pipeline.captureSchema}'`);
      expect(made).toEqual([]);
      for (const [name, value] of Object.entries(badSettings[mysql]))
        await admin.query(`SET GLOBAL ${name} = ${value}`);
      await admin.end();
    });

    afterAll(async () => {
      await pipeline?.stop();
      await server?.remove();
    });

    it('R9: every session of ours has its own settings, those of pools and of later connections too', async () => {
      const wanted = { ...pinnedVariables.common, ...pinnedVariables[mysql] };
      const data = await captureDataSource(url, 'information_schema').initialize();
      const one = await openMysql(url);
      const asked = `SHOW SESSION VARIABLES WHERE Variable_name IN ('${Object.keys(wanted).join("','")}', 'transaction_isolation', 'tx_isolation', 'transaction_read_only', 'tx_read_only')`;
      const sessions: { Variable_name: string; Value: string }[][] = [
        (await one.query(asked))[0] as [],
        ...(await Promise.all([1, 2, 3].map(() => data.query(asked) as Promise<[]>))),
      ];
      await one.end();
      await data.destroy();
      for (const rows of sessions) {
        const found = new Map(rows.map(({ Variable_name, Value }) => [Variable_name, Value]));
        for (const [name, value] of Object.entries(wanted)) {
          const expected = shown(value);
          // Some releases lack some variables.
          if (!found.has(name)) continue;
          expect([name, found.get(name)]).toEqual([
            name,
            typeof expected === 'string' ? expected : expect.stringMatching(expected),
          ]);
        }
        expect(found.size).toBeGreaterThan(35);
        expect(found.get('transaction_isolation') ?? found.get('tx_isolation')).toBe('REPEATABLE-READ');
        expect(found.get('transaction_read_only') ?? found.get('tx_read_only')).toBe('OFF');
      }
    });

    it('R9, R14: installs, loads only what was committed, follows, verifies and repairs', async () => {
      // The application knows its server; only the settings of our sessions are looked at.
      const openApplication = () => openMysql(server.url, { database: pipeline.database });
      const app = await openApplication();
      await app.query(
        'CREATE TABLE things (id INT PRIMARY KEY, name VARCHAR(300), at TIMESTAMP(3) NULL, d DECIMAL(10, 4), j JSON, f FLOAT) CHARACTER SET utf8mb4',
      );
      const rows = Array.from({ length: 3_000 }, (_, id) => [
        id,
        `é🦄 ${id}`,
        '2026-10-25 01:30:00.123',
        id / 8,
        '{"a": 1}',
        id / 3,
      ]);
      for (let from = 0; from < rows.length; from += 1_000)
        await app.query('INSERT INTO things VALUES ?', [rows.slice(from, from + 1_000)]);
      expect(await pipeline.cli('capture', 'install')).toMatchObject({ status: 0 });
      // What is never committed while the table is loaded: READ UNCOMMITTED would publish it.
      const open = await openApplication();
      let loading = true;
      const neverCommitted = (async () => {
        while (loading) {
          await open.query('BEGIN');
          await open.query("UPDATE things SET name = 'never' WHERE id > 2500");
          await sleep(50);
          await open.query('ROLLBACK');
          await sleep(5);
        }
      })();
      await pipeline.startAll();
      const relay = pipeline.services.get('trigger-relay')!;
      await app.query(
        "UPDATE things SET name = 'changed', at = '2026-03-29 01:30:00' WHERE id BETWEEN 100 AND 200",
      );
      await app.query('DELETE FROM things WHERE id BETWEEN 300 AND 320');
      await pipeline.untilEqual();
      loading = false;
      await neverCommitted;
      await open.end();
      expect(await pipeline.collection('things').countDocuments({ name: 'never' })).toBe(0);
      expect(await pipeline.collection('things').countDocuments()).toBe(3_000 - 21);

      await pipeline.collection('things').deleteOne({ _id: 7 as never });
      await pipeline.redis.hset(`${pipeline.database}:things:8`, 'name', 'damaged');
      expect((await pipeline.cli('verify', '--repair')).status).not.toBe(1);
      await pipeline.untilEqual();
      // A load's condition holds values: nobody is shown it.
      const secret = ['--table', `${pipeline.database}.things`, '--where', "name = 'top-secret'"];
      expect((await pipeline.cli('snapshot', 'start', ...secret)).status).toBe(0);
      expect((await relay.get('/info')).body).not.toContain('top-secret');
      expect(relay.logText).not.toMatch(/"level":"(error|fatal)"/);
      await app.end();
    });
  },
);

it('R9: no other file opens connections to the source', () => {
  const root = join(__dirname, '..');
  const files = ['libs', 'apps'].flatMap((folder) =>
    (readdirSync(join(root, folder), { recursive: true }) as string[])
      .filter((file) => /\/src\/.*(?<!\.spec)\.ts$/.test(file))
      .map((file) => join(folder, file))
      // What only tests use writes as an application does.
      .filter((file) => !/^libs\/(testing|type-matrix|dev-stack|dev-services|sample-data)\//.test(file)),
  );
  const opening = files.filter((file) => {
    const text = readFileSync(join(root, file), 'utf8');
    return /import \{[^}]*\bcreate(Connection|Pool)\b[^}]*\} from 'mysql2|require\(['"]mysql2|new DataSource\(/.test(
      text,
    );
  });
  expect(opening.sort()).toEqual([
    'libs/capture-store/src/capture-data-source.ts',
    'libs/capture/src/connect.ts',
    'libs/capture/src/session.ts',
  ]);
});
