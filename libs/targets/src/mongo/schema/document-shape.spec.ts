import { BSON } from '../../mapping/bson';
import { column, schemaOf, settingsOf } from '../../mapping/columns.fixture';
import { covers, documentShape, sameShape, unionOf, type DocumentShape } from './document-shape';
import { shapeOf, validatorOf } from './json-schema';

const id = column('id', 'bigint', { nullable: false });
const note = column('note', 'text');
const shape = (columns: Parameters<typeof schemaOf>[0], entry = '', key = ['id']) =>
  documentShape(schemaOf(columns, key), settingsOf(entry));
const plain = ({ fields, required }: DocumentShape) => ({
  fields: Object.fromEntries(fields),
  required: [...required],
});

describe('the shape of documents', () => {
  it('has the _id, each column under its name in the target, and all of them required', () => {
    const columns = [id, note, column('_sync', 'int', { nullable: false }), column('doc', 'json')];
    expect(plain(shape(columns))).toEqual({
      fields: { _id: ['long'], id: ['long'], note: ['string', 'null'], _sync_: ['int', 'long'], doc: 'any' },
      required: ['_id', 'id', 'note', '_sync_', 'doc'],
    });
  });

  it('knows the _id of a composite key, as text and as a document, of a SET and of a DATETIME(6)', () => {
    const part = column('part', 'int');
    const idOf = (columns: Parameters<typeof schemaOf>[0], entry: string, key: string[]) =>
      shape(columns, entry, key).fields.get('_id');
    expect(idOf([id, part], '', ['id', 'part'])).toEqual(['string']);
    expect(idOf([id, part], 'mongo: { id: document }', ['id', 'part'])).toEqual(['object']);
    expect(idOf([column('s', 'set')], '', ['s'])).toEqual(['string']);
    expect(idOf([column('t', 'datetime', { fsp: 6 })], 'mongo: { temporal: date }', ['t'])).toEqual([
      'string',
    ]);
  });

  it('leaves out fields whose names $jsonSchema would read as something else', () => {
    const odd = [id, column('a.b', 'int'), column('$set', 'int')];
    expect([...shape(odd).fields.keys()]).toEqual(['_id', 'id']);
  });

  it('of two schemas takes the documents of both, and no more than it must', () => {
    const before = shape([id, note, column('gone', 'int', { nullable: false })]);
    const after = shape([id, column('note', 'int'), column('more', 'json')]);
    const both = unionOf(before, after);
    expect(plain(both)).toEqual({
      fields: {
        ...{ _id: ['long'], id: ['long'], note: ['string', 'null', 'int', 'long'] },
        ...{ gone: ['int', 'long'], more: 'any' },
      },
      required: ['_id', 'id', 'note'],
    });
    expect([covers(both, before), covers(both, after)]).toEqual([true, true]);
    expect([covers(before, after), covers(after, before), covers(before, both)]).toEqual([
      false,
      false,
      false,
    ]);
    expect(sameShape(unionOf(after, before), both)).toBe(true);
  });

  it('stands in a validator as a whole, and in no validator that another made', () => {
    const names = ['__proto__', '_bsontype', 'toBSON', '7'];
    const one = shape([id, note, column('doc', 'json'), ...names.map((name) => column(name, 'int'))]);
    const stored = BSON.deserialize(BSON.serialize(validatorOf(one)));
    expect(sameShape(shapeOf(stored)!, one)).toBe(true);
    expect(shapeOf({ $jsonSchema: { bsonType: 'object', required: ['x'], properties: {} } })).toBeUndefined();
    expect(shapeOf({ never: { $exists: true } })).toBeUndefined();
    expect(shapeOf(undefined)).toBeUndefined();
  });
});
