import { rowSchema, type WireRow } from '@tributary/contract';
import { mongoTarget, type Target } from './harness';
import { itemColumns, itemsTable, version } from './rows';
import { mongoTarget as mongo, type RowChange } from '../src';

jest.setTimeout(60_000);

const [id] = itemColumns as [(typeof itemColumns)[0]];

/** Names that a document's `_id` holds like any other, and those that the server or the driver gives a meaning. */
const usable = [
  'a.b',
  '.',
  '.a',
  'a.',
  ' ',
  'a$b',
  'é',
  '__proto__',
  'constructor',
  'toBSON',
  '_id',
  '_sync',
  '00',
  '-1',
  'length',
  '4294967295',
];
const unusable = ['$x', '$gt', '$', '$ref', '_bsontype', '0', '12', '4294967294'];

describe('mongo.id: document', () => {
  let target: Target;
  beforeAll(async () => {
    target = await mongoTarget();
  });
  afterAll(() => target.close());

  it.each(usable)(
    'R4: a key column called %j is written, guarded, deleted and swept like any other',
    async (name) => {
      const { database } = target.table.settings;
      const columns = ['z', name, 'n'].map((field) => ({ ...id, name: field, field }));
      const at = usable.indexOf(name);
      const { settings } = itemsTable(
        database,
        'hash',
        `    mongo: { id: document, collection: c${at} }\n`,
        columns,
      );
      const schema = rowSchema({ table: settings.table, columns, key: ['z', name] });
      const rowOf = (n: number): WireRow => JSON.parse(`{"z":${at},${JSON.stringify(name)}:5,"n":${n}}`);
      const change = (log: number, after: WireRow | null, op: RowChange['op'] = 'u'): RowChange => ({
        ...{ table: settings, schema, op, key: rowOf(0), keyText: `${at}:5`, after },
        ...{ version: version(log), tsMs: 0, bytes: 100, index: 0 },
      });
      const apply = async (...changes: RowChange[]) =>
        (await target.writer.apply(changes)).map(({ kind }) => kind);
      expect([
        await apply(change(3, rowOf(1), 'r')),
        await apply(change(4, rowOf(1))),
        await apply(change(5, rowOf(2))),
        await apply(change(4, rowOf(1))),
        await apply(change(6, null)),
        await apply(change(5, rowOf(1))),
      ]).toEqual([['applied'], ['applied'], ['applied'], ['stale'], ['applied'], ['stale']]);
      await apply(change(7, rowOf(1)));
      let removed = 0;
      for await (const count of target.writer.sweep({
        table: settings,
        schema,
        floor: version(8),
        spared: async () => new Set(),
      }))
        removed += count;
      expect(removed).toBe(1);
      expect(await apply(change(7, rowOf(1)))).toEqual(['stale']);
    },
  );

  it.each(unusable)(
    'R15: with a key column called %j the table does not fit, and says what to do',
    (name) => {
      const columns = ['z', name, 'n'].map((field) => ({ ...id, name: field, field }));
      const { settings } = itemsTable('db', 'hash', '    mongo: { id: document }\n', columns);
      const schema = rowSchema({ table: settings.table, columns, key: ['z', name] });
      expect(mongo.misfit(schema, settings)).toMatchObject({
        ...{ code: 'MONGO_ID', reason: expect.stringContaining(name) },
        remedy: expect.stringContaining('mongo.id: scalar'),
      });
      const scalar = itemsTable('db', 'hash', '', columns).settings;
      expect(mongo.misfit(schema, scalar)).toBeNull();
    },
  );
});
