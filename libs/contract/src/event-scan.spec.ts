import type { Column } from './column';
import { imagesCrc } from './crc';
import { envelopeWriter, type Operation } from './envelope';
import { compileEventScan } from './event-scan';
import { spanRow } from './image-scan';
import { rowSchema } from './row-schema';

const column = (field: string, kind: Column['kind']): Column => ({
  ...{ name: field, field, kind, sourceKind: kind, sqlType: kind, nullable: true },
});
const columns = [column('note', 'text'), column('id', 'int'), column('region', 'text')];
const schema = rowSchema({ table: 'shop.orders.old', key: ['region', 'id'], columns });
const scan = compileEventScan(schema)!;

const image = '{"note":"é \\" \\u0007","id":7,"region":"ü"}';
const key = '{"table":"shop.orders.old","key":{"region":"ü","id":7}}';
const write = envelopeWriter('pre.fix', schema.table, '0.1.0');
const message = (op: Operation = 'u', before = image, after = op === 'd' ? 'null' : image) =>
  write({
    ...{ before, after, op, snapshot: op === 'r', version: '0001000000000000042' },
    ...{ sourceTsMs: 1_795_430_000_000, publishedTsMs: 5 },
  });
const read = (value: string | Buffer, its: string | Buffer = key) =>
  scan(Buffer.from(its), Buffer.from(value));

describe('a message of the form that the relay writes', () => {
  it.each<[Operation, string, string]>([
    ['c', 'null', image],
    ['u', image, image],
    ['r', 'null', image],
    ['d', image, 'null'],
    ['d', 'null', 'null'],
  ])('tells of an event %s where its parts stand', (op, before, after) => {
    const value = Buffer.from(message(op, before, after));
    const event = read(value)!;
    const rowOf = (spans: typeof event.before) => spans && spanRow(columns, value, spans);
    const row = { note: 'é " \u0007', id: 7, region: 'ü' };
    expect({ ...event, before: rowOf(event.before), after: rowOf(event.after) }).toMatchObject({
      ...{ op, tsMs: 1_795_430_000_000, crc: parseInt(imagesCrc(before, after), 16) },
      ...{ before: before === 'null' ? undefined : row, after: after === 'null' ? undefined : row },
    });
    const ofKey = [columns[2]!, columns[1]!];
    expect(spanRow(ofKey, Buffer.from(key), event.key)).toEqual({ region: 'ü', id: 7 });
  });
});

const good = message();
const without = message('d', 'null');
const bytes = (text: string, from: string, to: Buffer) => {
  const at = Buffer.from(text).indexOf(from);
  return Buffer.concat([
    Buffer.from(text).subarray(0, at),
    to,
    Buffer.from(text).subarray(at + Buffer.byteLength(from)),
  ]);
};

const keyAlone = '{"region":"ü","id":7}';
const alone = message('d', keyAlone, 'null');

it('a delete may have the key columns alone', () => {
  const event = read(alone)!;
  const crc = parseInt(imagesCrc(keyAlone, 'null'), 16);
  expect(event).toMatchObject({ op: 'd', crc, before: undefined, after: undefined });
  expect(spanRow([columns[2]!, columns[1]!], Buffer.from(key), event.key)).toEqual({ region: 'ü', id: 7 });
});

describe('tells nothing of', () => {
  const strange: [what: string, value: string | Buffer, key?: string | Buffer][] = [
    ['no bytes', ''],
    ['the value of another record', '{}'],
    ['a byte more', `${good} `],
    ['a byte less', good.slice(0, -1)],
    ['white space', good.replace(':7', ': 7')],
    [
      'another order of the images',
      good.replace(/"before":(.*),"after":(.*),"source"/, '"after":$1,"before":$2,"source"'),
    ],
    ['a column less', good.replace(',"region":"ü"', '')],
    ['a column more', good.replace('"region":"ü"}', '"region":"ü","more":1}')],
    ['a column twice', good.replace('"id":7,', '"id":7,"id":7,')],
    ['an object in a column', good.replace('"id":7', '"id":{}')],
    ['an image that is no object', message('c', '7')],
    ['bytes that are no UTF-8', bytes(good, 'é', Buffer.from([0xc3]))],
    ['half a character', bytes(good, 'é', Buffer.from([0xed, 0xa0, 0x80]))],
    ['a control character', good.replace('é', '\n')],
    ['an unknown escape', good.replace('\\"', '\\x')],
    ['a member more', good.replace('"op"', '"transaction":null,"op"')],
    ['a member of source more', good.replace('"seq"', '"gtid":null,"seq"')],
    ['another connector', good.replace('"tributary"', '"other"')],
    ['escapes in the prefix', good.replace('pre.fix', 'pre\\u002efix')],
    ['another database', good.replace('"db":"shop"', '"db":"shop.orders"')],
    ['another table', good.replace('"table":"orders.old"', '"table":"orders"')],
    ['a snapshot word of Debezium', good.replace('"false"', '"first"')],
    ['a time with a fraction', good.replace('1795430000000', '1795430000000.5')],
    ['a time before 1970', good.replace('1795430000000', '-1')],
    ['a time with leading zeros', good.replace('1795430000000', '01')],
    ['a time past every integer', good.replace('1795430000000', '1795430000000000')],
    ['no time', good.replace('"ts_ms":5', '"ts_ms":')],
    ['a short version', good.replace('0001000000000000042', '42')],
    ['an unknown operation', good.replace('"op":"u"', '"op":"x"')],
    ['a truncate', message('t', 'null', 'null')],
    ['a delete with a row', good.replace('"op":"u"', '"op":"d"')],
    ['an insert without one', message('c', 'null', 'null')],
    ['a key of another row', good, key.replace('7', '8')],
    ['a key of another table', good, key.replace('.old', '.new')],
    ['a key with white space', good, `${key} `],
    ['a key with a member more', good, key.replace('}}', ',"more":1}}')],
    ['a key in another order', good, '{"table":"shop.orders.old","key":{"id":7,"region":"ü"}}'],
    ['a null in the key', good.replaceAll('"id":7', '"id":null'), key.replace('7', 'null')],
    ['the key columns alone of another row', alone.replace('7', '8')],
    ['some key columns alone', message('d', '{"region":"ü"}', 'null')],
    ['the key columns alone of an update', message('u', keyAlone)],
    ['a key of a delete that is no UTF-8', without, bytes(key, 'ü', Buffer.from([0xc3]))],
  ];
  it.each(strange.map(([what, value, its = key]) => [what, value, its] as const))(
    '%s',
    (_what, value, its) => {
      expect(read(value, its)).toBeUndefined();
      expect(read(good)).toBeDefined();
      expect(read(without)).toBeDefined();
    },
  );

  it.each<[string, Partial<typeof schema>]>([
    ['two columns of one name', { columns: [...columns, column('id', 'int')] }],
    ['a column that sets the prototype', { columns: [...columns, column('__proto__', 'int')] }],
    ['a kind of a newer release', { columns: [...columns, column('v', 'vector' as 'text')] }],
    ['no key', { key: [] }],
    ['a key column twice', { key: ['id', 'id'] }],
    ['a key that is no column', { key: ['uid'] }],
    ['a table without database', { table: 'orders' }],
  ])('messages of a schema with %s', (_what, change) => {
    expect(compileEventScan({ ...schema, ...change })).toBeUndefined();
  });
});
