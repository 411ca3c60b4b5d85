import type { RejectCode } from '@tributary/contract';
import { altered, row, sampleEvent, withHeader, type SampleRecord } from './sample-events';

const good = sampleEvent({ id: 1 });
const deep = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;
const bytes = (...values: number[]) => Buffer.from(values);

/** One record a line: what is wrong with it, the code it must get, words of the reason. */
export const badEvents: readonly [string, RejectCode, SampleRecord, string][] = [
  ['a value cut short', 'MALFORMED_JSON', { ...good, value: good.value.subarray(0, 100) }, 'JSON'],
  ['an empty value', 'MALFORMED_JSON', { ...good, value: Buffer.alloc(0) }, 'JSON'],
  [
    'a value that is no UTF-8',
    'MALFORMED_JSON',
    { ...good, value: Buffer.concat([good.value, bytes(0xff)]) },
    'UTF-8',
  ],
  [
    'a value with a byte order mark',
    'MALFORMED_JSON',
    { ...good, value: Buffer.concat([bytes(0xef, 0xbb, 0xbf), good.value]) },
    'JSON',
  ],
  [
    'a value that nests a million levels',
    'MALFORMED_JSON',
    altered(good, '"op":"c"', `"op":"c","x":${deep(1_000_000)}`),
    'deeper',
  ],
  ['a value that is an array', 'INVALID_ENVELOPE', { ...good, value: Buffer.from('[1]') }, 'object'],
  ['a value that is a number', 'INVALID_ENVELOPE', { ...good, value: Buffer.from('1e999') }, 'object'],
  ['a key that is no JSON', 'INVALID_KEY', { ...good, key: Buffer.from('id=1') }, 'JSON'],
  ['a key that is no UTF-8', 'INVALID_KEY', { ...good, key: bytes(0x7b, 0xc3, 0x28, 0x7d) }, 'UTF-8'],
  [
    'a key without table',
    'INVALID_KEY',
    { ...good, key: Buffer.from('{"key":{"id":"1","region":"eu"}}') },
    'table',
  ],
  [
    'a key whose columns are an array',
    'INVALID_KEY',
    { ...good, key: Buffer.from('{"table":"shop.orders","key":["1"]}') },
    'key',
  ],
  ['an op that does not exist', 'INVALID_ENVELOPE', altered(good, '"op":"c"', '"op":"x"'), 'op'],
  ['an insert without after', 'INVALID_ENVELOPE', sampleEvent({ after: null }), 'after'],
  ['a delete with after', 'INVALID_ENVELOPE', sampleEvent({ op: 'd', after: row(1) }), 'after'],
  ['no source', 'INVALID_ENVELOPE', altered(good, '"source"', '"sauce"'), 'source'],
  ['a prototype for an after', 'INVALID_ENVELOPE', altered(good, '"after"', '"__proto__"'), 'after'],
  ['no version header', 'INVALID_HEADERS', withHeader(good, 'v'), 'header v'],
  ['a short version header', 'INVALID_HEADERS', withHeader(good, 'v', '17'), 'header v'],
  ['no schema header', 'INVALID_HEADERS', withHeader(good, 'schema'), 'header schema'],
  ['no crc header', 'INVALID_HEADERS', withHeader(good, 'crc'), 'header crc'],
  ['a crc header in capitals', 'INVALID_HEADERS', withHeader(good, 'crc', 'ABCDEF01'), 'header crc'],
  [
    'a table that nobody synchronises',
    'UNKNOWN_TABLE',
    {
      ...altered(good, '"table":"orders"', '"table":"other"'),
      key: Buffer.from('{"table":"shop.other","key":{"id":"1"}}'),
    },
    'sync file',
  ],
  [
    'a source of another table',
    'KEY_MISMATCH',
    altered(good, '"table":"orders"', '"table":"other"'),
    'source',
  ],
  [
    'an unknown fingerprint',
    'UNKNOWN_SCHEMA',
    withHeader(good, 'schema', '0123456789abcdef'),
    '0123456789abcdef',
  ],
  [
    'a flipped bit in the row',
    'CRC_MISMATCH',
    { ...good, value: Buffer.from(good.value.toString().replace('19.90', '19.91')) },
    'CRC-32',
  ],
  ['another crc', 'CRC_MISMATCH', withHeader(good, 'crc', '00000000'), 'CRC-32'],
  [
    'a member hidden behind an escape',
    'CRC_MISMATCH',
    {
      ...good,
      value: Buffer.from(good.value.toString().replace('"source"', '"\\u0061fter":{"id":"9"},"source"')),
    },
    'CRC-32',
  ],
  ['a key of another row', 'KEY_MISMATCH', { ...good, key: sampleEvent({ id: 2 }).key }, 'id'],
  [
    'a key that lacks a column',
    'KEY_MISMATCH',
    { ...good, key: Buffer.from('{"table":"shop.orders","key":{"id":"1"}}') },
    'region',
  ],
  [
    'a key with another column',
    'KEY_MISMATCH',
    { ...good, key: Buffer.from('{"table":"shop.orders","key":{"id":"1","region":"eu","x":1}}') },
    'no key column',
  ],
  [
    'a delete whose key has the wrong type',
    'INVALID_KEY',
    { ...sampleEvent({ op: 'd' }), key: Buffer.from('{"table":"shop.orders","key":{"id":1,"region":"eu"}}') },
    'key.id',
  ],
  [
    'a string in an integer column',
    'INVALID_ROW',
    altered(good, '"quantity":7', '"quantity":"7"'),
    'after.quantity',
  ],
  [
    'an integer out of range',
    'INVALID_ROW',
    altered(good, '"quantity":7', '"quantity":32768'),
    'after.quantity is outside',
  ],
  [
    'a number past every double',
    'INVALID_ROW',
    altered(good, '"quantity":7', '"quantity":1e400'),
    'after.quantity',
  ],
  ['a DECIMAL with a digit too many', 'INVALID_ROW', altered(good, '19.90', '19.901'), 'after.price'],
  [
    'a text that is too long',
    'INVALID_ROW',
    sampleEvent({ after: row(1, 'x'.repeat(21)) }),
    'after.note is 21 characters',
  ],
  ['broken base64', 'INVALID_ROW', altered(good, '"AP8="', '"AP8"'), 'after.photo'],
  [
    'NULL in a NOT NULL column of the before image',
    'INVALID_ROW',
    sampleEvent({ op: 'u', before: [null, ...row(1).slice(1)] }),
    'before.id is null',
  ],
  ['a column too many', 'INVALID_ROW', altered(good, '"quantity"', '"more":1,"quantity"'), 'after.more'],
  ['a column too few', 'INVALID_ROW', altered(good, '"quantity":7,', ''), 'after.quantity is missing'],
  ['an object in a column', 'INVALID_ROW', altered(good, '"é😀"', '{"a":[]}'), 'after.note'],
];
