import { envelopeWriter, imagesCrc, type Headers, type Operation, type WireRow } from '@tributary/contract';
import { parseSyncConfig } from '@tributary/sync-config';
import { column, schemaOf } from '../mapping/columns.fixture';
import { ChangeDecoder } from './decode';
import type { EncodedChange } from './quick-change';

const schema = schemaOf([column('id', 'int'), column('c', 'text')]);
const other = { ...schemaOf([column('id', 'int')]), table: 'shop.others', fingerprint: 'f00f00f00f00f00f' };
const config = parseSyncConfig('tables: [{ table: shop.items }, { table: shop.others }]');
const decoder = new ChangeDecoder(config, (fingerprint) =>
  [schema, other].find((known) => known.fingerprint === fingerprint),
);
const version = '0001000000000000042';

interface Parts {
  readonly after: WireRow | null;
  readonly op: Operation;
  readonly key: unknown;
  readonly headers: Headers;
  readonly table: string;
}

function record(parts: Partial<Parts> = {}): EncodedChange {
  const { after = { id: 1, c: 'ü' }, op = 'c', table = 'shop.items' } = parts;
  const text = JSON.stringify(after);
  const times = { sourceTsMs: 5, publishedTsMs: 6, snapshot: false, version };
  const value = envelopeWriter('p', table, '1')({ before: 'null', after: text, op, ...times });
  const key = parts.key ?? { table: 'shop.items', key: { id: 1 } };
  return {
    key: Buffer.from(JSON.stringify(key)),
    value: Buffer.from(value),
    headers: {
      ...{ v: version, schema: Buffer.from(schema.fingerprint), crc: imagesCrc('null', text) },
      ...parts.headers,
    },
  };
}

const codeOf = (change: EncodedChange) => {
  const decoded = decoder.decode(change, 3);
  return 'rejection' in decoded ? decoded.rejection.code : 'accepted';
};

describe('ChangeDecoder', () => {
  it('reads a change', () => {
    expect(decoder.decode(record(), 3)).toMatchObject({
      change: { op: 'c', key: { id: 1 }, keyText: '1', after: { id: 1, c: 'ü' }, version, tsMs: 5, index: 3 },
    });
    expect(decoder.decode(record({ op: 'd', after: null }), 0)).toMatchObject({ change: { after: null } });
  });

  const good = record();
  const bytes = (text: string) => ({ ...good, value: Buffer.from(text) });
  const bad: [what: string, code: string, change: EncodedChange][] = [
    ['no JSON', 'MALFORMED_JSON', bytes('{"before":null')],
    ['no UTF-8', 'MALFORMED_JSON', { ...good, value: Buffer.from([0x22, 0xff, 0x22]) }],
    ['no object', 'INVALID_ENVELOPE', bytes('[]')],
    ['no version', 'INVALID_HEADERS', record({ headers: { v: '42' } })],
    ['no schema header', 'INVALID_HEADERS', record({ headers: { schema: undefined } })],
    ['unknown schema', 'UNKNOWN_SCHEMA', record({ headers: { schema: '0123456789abcdef' } })],
    ['no fingerprint', 'INVALID_HEADERS', record({ headers: { schema: 'beef' } })],
    ['schema of another table', 'UNKNOWN_SCHEMA', record({ headers: { schema: other.fingerprint } })],
    ['wrong checksum', 'CRC_MISMATCH', record({ headers: { crc: '00000000' } })],
    ['no checksum', 'INVALID_HEADERS', record({ headers: { crc: undefined } })],
    ['a changed byte', 'CRC_MISMATCH', bytes(good.value.toString().replace('ü', 'ö'))],
    ['no key', 'INVALID_KEY', { ...good, key: null }],
    ['key is no JSON', 'INVALID_KEY', { ...good, key: Buffer.from('x') }],
    ['key of another form', 'INVALID_KEY', record({ key: { id: 1 } })],
    ['key without its column', 'KEY_MISMATCH', record({ key: { table: 'shop.items', key: {} } })],
    [
      'deleted without its column',
      'INVALID_KEY',
      record({ op: 'd', after: null, key: { table: 'shop.items', key: {} } }),
    ],
    [
      'no row',
      'INVALID_KEY',
      record({ after: { id: null, c: '' }, key: { table: 'shop.items', key: { id: null } } }),
    ],
    ['key and more', 'KEY_MISMATCH', record({ key: { table: 'shop.items', key: { id: 1, x: 1 } } })],
    [
      'depth',
      'MALFORMED_JSON',
      bytes(good.value.toString().replace('{"id"', `{"x":${'['.repeat(65)}${']'.repeat(65)},"id"`)),
    ],
    ['key of another row', 'KEY_MISMATCH', record({ key: { table: 'shop.items', key: { id: 2 } } })],
    ['key of another type', 'KEY_MISMATCH', record({ key: { table: 'shop.items', key: { id: '1' } } })],
    ['value of another table', 'KEY_MISMATCH', record({ table: 'shop.others' })],
    ['unknown table', 'UNKNOWN_TABLE', record({ key: { table: 'a.b', key: { id: 1 } }, table: 'a.b' })],
    ['delete with a row', 'INVALID_ENVELOPE', record({ op: 'd' })],
    ['insert without a row', 'INVALID_ENVELOPE', record({ after: null })],
    ['truncate', 'INVALID_ENVELOPE', record({ op: 't', after: null })],
  ];
  it.each(bad)('R10: rejects %s as %s', (_what, code, change) => {
    expect(codeOf(change)).toBe(code);
  });

  it('waits for an update of itself when a schema has a kind that it does not know', () => {
    const newer = schemaOf([column('id', 'int'), column('c', 'vector' as 'text')]);
    const old = new ChangeDecoder(config, () => newer);
    expect(() => old.decode(record(), 0)).toThrow(/unknown kind vector/);
  });
});
