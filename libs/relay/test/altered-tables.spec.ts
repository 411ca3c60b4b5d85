import { EventEmitter } from 'node:events';
import {
  DdlSentinel,
  installCapture,
  notGone,
  openMysql,
  uninstallCapture,
  viewTables,
  type Connection,
  type LogEntry,
  type TablePlan,
} from '@tributary/capture';
import type { RowSchema } from '@tributary/contract';
import { ChunkWindows } from '@tributary/snapshot';
import { parseSyncConfig, type SyncConfig } from '@tributary/sync-config';
import { stackEnv, uniqueName, waitFor } from '@tributary/testing';
import type { EncodedPart } from '../src/encoded-part';
import { EntryEncoder, type EncoderDeps } from '../src/entry-encoder';
import { EventEncoder } from '../src/event-encoder';
import { openRereads, rereadOn } from '../src/reread-row';
import { ShapeGuard } from '../src/shape-guard';

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
    const openedRereads = async () => {
      const connection = await openRereads(url!);
      opened.push(connection);
      return connection;
    };
    const waitsForTable = ({ threadId }: Connection) =>
      waitFor(async () => {
        const [found] = await admin.query(
          `SELECT 1 FROM information_schema.processlist WHERE id = ${threadId} AND state LIKE '%metadata lock%'`,
        );
        return (found as unknown[]).length > 0;
      });
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
          ...{ sentinel, plans, events: new EventEmitter() },
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
      await waitsForTable(locker);
      await guard.check(new Set([t]));
      expect(guard.reading(schema, 1n)).toBe('key');
      await reader.query('COMMIT');
      await renaming;
      // Nobody has another word for it now than the entry.
      await guard.check(new Set([t]));
      expect(guard.reading(schema, 1n)).toBe('image');
    });

    /** A change of row 1 whose image the log lacks. */
    const entry = {
      id: 1n,
      shapeId: 1,
      op: 'u',
      rowKey: ['1'],
      before: null,
      after: null,
      atMs: 0,
      damage: null,
    };
    const parts = async (reread: EncoderDeps['reread']) => {
      const encoders = new Map<string, EventEncoder>();
      const encoderOf = (schema: RowSchema) => {
        const encoder = encoders.get(schema.fingerprint) ?? new EventEncoder('t', schema, 1);
        encoders.set(schema.fingerprint, encoder);
        return encoder;
      };
      const logged = encoderOf(plans.get(t)!.schema);
      const encoder = new EntryEncoder({
        ...{ guard, reread, windows: new ChunkWindows() },
        shapes: { encoder: async () => logged, encoderOf },
        plan: (table) => plans.get(table),
        wanted: () => true,
        leftOut: () => undefined,
      });
      const made: EncodedPart[] = [];
      for await (const part of encoder.parts([entry as unknown as LogEntry])) made.push(part);
      return made;
    };

    it('R9: a row that was read by the columns before an ALTER is read again', async () => {
      await admin.query(`INSERT INTO ${t} VALUES (1, 7)`);
      const read = rereadOn(await openedRereads());
      const reread = jest.fn<ReturnType<typeof read>, Parameters<typeof read>>(async (plan, key) => {
        if (reread.mock.calls.length === 1) {
          await admin.query(`ALTER TABLE ${t} MODIFY m VARCHAR(40)`);
          await admin.query(`UPDATE ${t} SET m = 'a word'`);
        }
        return read(plan, key);
      });
      const [part] = await parts(reread);
      expect(JSON.parse(String(part!.records[0]!.value)).after).toEqual({ id: 1, m: 'a word' });
      expect(reread).toHaveBeenCalledTimes(2);
    });

    it('R15: a row of a table that an ALTER waits for keeps the log waiting for a second, and comes with a load', async () => {
      const holder = await connect();
      await holder.query('BEGIN');
      await holder.query(`INSERT INTO ${t} VALUES (1, 7)`);
      const altering = await connect();
      const altered = altering.query(`ALTER TABLE ${t} ADD COLUMN n INT`);
      await waitsForTable(altering);
      const read = rereadOn(await openedRereads());
      const startedAt = performance.now();
      // The second time it is not asked.
      for (let batch = 0; batch < 2; batch += 1)
        expect((await parts(read)).map(({ missed }) => [...missed])).toEqual([[[t, 1]]]);
      expect(performance.now() - startedAt).toBeLessThan(15_000);
      await holder.query('COMMIT');
      await altered;
    });
  },
);
