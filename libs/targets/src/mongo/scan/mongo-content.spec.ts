import { NO_VERSION } from '@tributary/contract';
import { mongo } from 'mongoose';
import { column, schemaOf, settingsOf } from '../../mapping/columns.fixture';
import { mongoDocument } from '../../mapping';
import { mongoContent } from './mongo-content';

const { BSON, Double, Int32, Long } = mongo;

const table = {
  settings: settingsOf(),
  schema: schemaOf([
    column('id', 'int'),
    column('name', 'text'),
    column('n', 'bigint'),
    column('doc', 'json'),
  ]),
};
const contentOf = mongoContent(table);
const bytesOf = (document: object) =>
  Buffer.concat(contentOf(Buffer.from(BSON.serialize(document))).pieces).toString('latin1');
const row = { id: 5, name: 'ä', n: '7', doc: '{"a":[1,2.5]}' };
const sync = { v: Long.fromNumber(3), at: new Date(1) };
const fields = { id: new Int32(5), name: 'ä', n: Long.fromNumber(7), doc: { a: [1, 2.5] } };

describe('the content of a document', () => {
  const expected = bytesOf(
    mongoDocument(table.schema, table.settings, row, NO_VERSION, new Date(0)) as object,
  );

  it.each<[string, object]>([
    ['as the sink writes it', { _id: 5, ...fields, _sync: sync }],
    [
      'with its fields in another order',
      { _id: 5, doc: fields.doc, n: fields.n, name: 'ä', id: new Int32(5), _sync: sync },
    ],
    ['without _sync', { _id: 5, ...fields }],
    ['with another _sync, which does not stand at the end', { _sync: { other: true }, _id: 5, ...fields }],
  ])('is that of the row %s', (_, document) => {
    expect(bytesOf(document)).toBe(expected);
  });

  it.each<[string, object]>([
    ['another value', { _id: 5, ...fields, name: 'a', _sync: sync }],
    ['another type', { _id: 5, ...fields, n: new Double(7), _sync: sync }],
    ['an _id of another type', { _id: Long.fromNumber(5), ...fields, _sync: sync }],
    ['a field more', { _id: 5, ...fields, more: 1, _sync: sync }],
    ['a field less', { _id: 5, id: fields.id, name: 'ä', n: fields.n, _sync: sync }],
    ['null for a value', { _id: 5, ...fields, name: null, _sync: sync }],
    ['another order inside a value', { _id: 5, ...fields, doc: { a: [2.5, 1] }, _sync: sync }],
    ['a type that no mapping makes', { _id: 5, ...fields, name: /ä/, _sync: sync }],
  ])('is another one with %s', (_, document) => {
    expect(bytesOf(document)).not.toBe(expected);
  });
});
