import { oneOf } from '@tributary/testing';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openMysql, type Connection } from '@tributary/capture';
import { initProject, install, Servers } from '@tributary/operations';
import type { Flavour } from './support/flavours';
import { OwnMysql } from './support/own-mysql';

jest.setTimeout(180_000);

const silent = { debug() {}, info() {}, warn() {}, error() {} };

describe.each(oneOf<[Flavour]>(['mysql'], ['mariadb']))(
  'init where the binary log is on and makers of triggers are not trusted: %s',
  (flavour) => {
    const folder = mkdtempSync(join(tmpdir(), 'tributary-untrusted-'));
    let server: OwnMysql;
    let admin: Connection;

    beforeAll(async () => {
      server = await OwnMysql.start(folder, flavour, ['--log-bin-trust-function-creators=0']);
      admin = await openMysql(server.url, { multipleStatements: true });
      await admin.query('CREATE DATABASE shop; CREATE TABLE shop.t (id INT PRIMARY KEY)');
    });
    afterAll(async () => {
      admin?.destroy();
      await server?.remove();
    });

    it('R14: the statements for the administrator say so last, and capture can be installed behind them', async () => {
      const { files, tables } = await initProject({
        ...{ mysqlUrl: server.url, out: join(folder, 'project'), variables: {} },
      });
      expect(tables.map(({ table }) => table)).toEqual(['shop.t']);
      const statements = readFileSync(files.accounts, 'utf8');
      const last = statements.lastIndexOf('SET ');
      const [, MYSQL_URL] = /^MYSQL_URL=(.*)$/m.exec(readFileSync(files.env, 'utf8'))!;
      const installed = async () => {
        const servers = new Servers({ mysql: true }, silent, { MYSQL_URL, SYNC_CONFIG: files.syncFile });
        const context = { servers, log: silent, note: () => undefined };
        try {
          return await install(context, {});
        } finally {
          await servers.close();
        }
      };
      await admin.query(statements.slice(0, last));
      await expect(installed()).rejects.toMatchObject({ code: 'PREFLIGHT' });
      await admin.query(statements.slice(last));
      expect((await installed()).suspended).toEqual([]);
    });
  },
);
