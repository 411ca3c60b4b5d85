import { mongo } from 'mongoose';
import { rawId, sameButSync } from './raw-document';

const { BSON, Binary, Decimal128, Double, Int32, Long } = mongo;
const raw = (document: object) => Buffer.from(BSON.serialize(document));
const sync = (v: number) => ({ v: Long.fromNumber(v), at: new Date(v) });
const row = (fields: object, v: number) => raw({ _id: 1, ...fields, _sync: sync(v) });

describe('raw documents', () => {
  it('are the same whatever _sync holds, and whatever else they hold only when that is equal', () => {
    const fields = { a: 'ä', n: new Long(5), none: null };
    expect(sameButSync(row(fields, 1), row(fields, 2 ** 40))).toBe(true);
    expect(sameButSync(row(fields, 1), row({ ...fields, a: 'ö' }, 1))).toBe(false);
    expect(sameButSync(row(fields, 1), row({ ...fields, n: new Double(5) }, 1))).toBe(false);
    expect(sameButSync(row(fields, 1), row({ ...fields, more: 1 }, 1))).toBe(false);
  });

  it('are not proven the same when they do not end with _sync', () => {
    const other = raw({ _id: 1, a: 'x', _sink: sync(1) });
    expect(sameButSync(row({ a: 'x' }, 1), other)).toBe(false);
    expect(sameButSync(other, other)).toBe(false);
    expect(sameButSync(raw({}), raw({}))).toBe(false);
  });

  it('are told apart by type and value of their _id', () => {
    const ids = [
      ...[new Int32(5), new Long(5), new Double(5), Decimal128.fromString('5')],
      ...['5', true, new Date(5), new Binary(Buffer.from('5')), { a: 5 }],
    ];
    const texts = ids.map((_id) => rawId(raw({ _id, other: 1 })));
    expect(texts).not.toContain(undefined);
    expect(new Set(texts).size).toBe(ids.length);
    for (const [at, _id] of ids.entries()) expect(rawId(raw({ _id, more: 'x' }))).toBe(texts[at]);
  });

  it('have no id when another field stands first, or when no mapping makes its type', () => {
    expect(rawId(raw({ a: 1, _id: 1 }))).toBeUndefined();
    expect(rawId(raw({ _id: /x/ }))).toBeUndefined();
    expect(rawId(raw({}))).toBeUndefined();
  });
});
