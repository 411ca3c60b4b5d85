import {
  DdlSentinel,
  installCapture,
  notGone,
  openMysql,
  rereadRow,
  uninstallCapture,
  viewTables,
  type Connection,
  type LogEntry,
  type TablePlan,
} from '@tributary/capture';
import { ChunkWindows } from '@tributary/snapshot';
import { parseSyncConfig, type SyncConfig } from '@tributary/sync-config';
import { stackEnv, uniqueName, waitFor } from '@tributary/testing';
import { EntryEncoder } from '../src/entry-encoder';
import { EventEncoder } from '../src/event-encoder';
import { ShapeGuard } from '../src/shape-guard';
import type { TableShapes } from '../src/table-shapes';

const servers = stackEnv();
const flavours = [
  ['mysql', servers.ADMIN_MYSQL_URL, servers.MYSQL_URL],
  ['mariadb', servers.ADMIN_MARIADB_URL, servers.MARIADB_URL],
] as const;

describe.each(flavours)(
  'tables that are altered while entries of them are read, on %s',
  (_, adminUrl, url) => {
    const captureSchema = uniqueName('tributary_alt');
    const database = uniqueName('altered');
    const [t, other] = [`${database}.a_table`, `${database}.b_table`];
    const opened: (Connection | DdlSentinel)[] = [];
    let config: SyncConfig;
    let admin: Connection;
    let guard: ShapeGuard;
    let plans: Map<string, TablePlan>;

    const connect = async (to = adminUrl!) => {
      const connection = await openMysql(to);
      opened.push(connection);
      return connection;
    };
    const close = (one: Connection | DdlSentinel) => ('destroy' in one ? one.destroy() : one.close());

    beforeEach(async () => {
      admin = await connect();
      await admin.query(`CREATE DATABASE ${database}`);
      for (const table of [t, other])
        await admin.query(`CREATE TABLE ${table} (id INT PRIMARY KEY, m INT DEFAULT 1)`);
      config = parseSyncConfig(`{ capture: { schema: ${captureSchema} }, tables: [{ table: '${t}' }] }`);
      const relay = await connect(url!);
      await installCapture(relay, config);
      const sentinel = await DdlSentinel.open(url!, captureSchema);
      opened.push(sentinel);
      plans = new Map();
      guard = new ShapeGuard(
        {
          ...{ sentinel, plans, onDrift: () => undefined },
          view: () => viewTables(sentinel.connection, config),
          hidden: (tables) => notGone(sentinel.connection, tables),
        },
        new Map(),
      );
      expect([await guard.check(new Set([t])), await guard.check(new Set([t]))]).toEqual([true, false]);
    });
    afterEach(async () => {
      // First of all what holds locks, after a failure.
      opened.splice(0).forEach(close);
      const cleaner = await connect();
      await uninstallCapture(cleaner, { captureSchema }, { all: true });
      for (const name of [database, captureSchema]) await cleaner.query(`DROP DATABASE IF EXISTS ${name}`);
      opened.splice(0).forEach(close);
    });

    it('R9: an image is not believed while a lock hides the table, which may have been altered', async () => {
      const { schema } = plans.get(t)!;
      expect(guard.reading(schema, 1n)).toBe('image');
      await admin.query(`ALTER TABLE ${t} MODIFY m VARCHAR(40)`);
      // Has the first table for itself while it waits for the second.
      const reader = await connect();
      await reader.query('BEGIN');
      await reader.query(`SELECT * FROM ${other}`);
      const locker = await connect();
      const renaming = locker.query(`RENAME TABLE ${t} TO ${t}_away, ${other} TO ${other}_away`);
      await waitFor(async () => {
        const [found] = await admin.query(
          `SELECT 1 FROM information_schema.processlist WHERE id = ${locker.threadId} AND state LIKE '%metadata lock%'`,
        );
        return (found as unknown[]).length > 0;
      });
      await guard.check(new Set([t]));
      expect(guard.reading(schema, 1n)).toBe('key');
      await reader.query('COMMIT');
      await renaming;
      // Nobody has another word for it now than the entry.
      await guard.check(new Set([t]));
      expect(guard.reading(schema, 1n)).toBe('image');
    });

    it('R9: a row that was read by the columns before an ALTER is read again', async () => {
      await admin.query(`INSERT INTO ${t} VALUES (1, 7)`);
      const reads = await connect(url!);
      const encoders = new Map<string, EventEncoder>();
      const encoderOf = async ({ schema }: TablePlan) => {
        const encoder = encoders.get(schema.fingerprint) ?? new EventEncoder('t', schema, 1);
        encoders.set(schema.fingerprint, encoder);
        return encoder;
      };
      const logged = await encoderOf(plans.get(t)!);
      const shapes = {
        encoder: async () => logged,
        encoderOf: (schema: TablePlan['schema']) => encoderOf({ schema } as TablePlan),
      } as unknown as TableShapes;
      const reread = jest.fn(async (plan: TablePlan, key: readonly (string | null)[]) => {
        if (reread.mock.calls.length === 1)
          await admin
            .query(`ALTER TABLE ${t} MODIFY m VARCHAR(40)`)
            .then(() => admin.query(`UPDATE ${t} SET m = 'a word'`));
        return rereadRow(reads, plan, key);
      });
      const encoder = new EntryEncoder({
        ...{ shapes, guard, reread, windows: new ChunkWindows() },
        plan: (table) => plans.get(table),
        wanted: () => true,
        leftOut: () => undefined,
      });
      const entry = {
        id: 1n,
        shapeId: 1,
        op: 'u',
        rowKey: ['1'],
        before: null,
        after: null,
        atMs: 0,
      } as const;
      const values: unknown[] = [];
      for await (const part of encoder.parts([{ ...entry, damage: null } as unknown as LogEntry]))
        for (const { value } of part.records) values.push(JSON.parse(String(value)).after);
      expect(values).toEqual([{ id: 1, m: 'a word' }]);
      expect(reread).toHaveBeenCalledTimes(2);
    });
  },
);
