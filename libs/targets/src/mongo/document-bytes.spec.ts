import { mongo } from 'mongoose';
import { column, schemaOf, settingsOf } from '../mapping/columns.fixture';
import { documentBytes } from './document-bytes';
import { mongoExpected } from './scan/mongo-expected';

const MEGABYTE = 2 ** 20;

describe('the bytes of a document', () => {
  const large = 'its document has more than the 16 MiB that MongoDB takes';

  it('are BSON', () => {
    const document = { _id: 1, t: 'x'.repeat(15 * MEGABYTE), no: undefined };
    expect(mongo.BSON.deserialize(documentBytes(document))).toEqual({ _id: 1, t: document.t });
  });

  it.each([16, 17, 20])('of %s MB and more are a sentence, whatever makes them so', (megabytes) => {
    const size = megabytes * MEGABYTE;
    for (const value of ['x'.repeat(size), '€'.repeat(size / 3), Buffer.alloc(size)])
      for (const more of [{}, { n: 1 }])
        expect(() => documentBytes({ _id: 1, value, ...more })).toThrow(large);
  });

  it('another fault stays what it is', () => {
    const endless: Record<string, unknown> = {};
    endless['self'] = endless;
    expect(() => documentBytes(endless)).toThrow(/circular/i);
  });

  it('a scan goes on behind such a row, which MongoDB cannot have', () => {
    const schema = schemaOf([column('id', 'int'), column('t', 'text')]);
    const expected = mongoExpected({ schema, settings: settingsOf() });
    const row = { id: 1, t: 'x'.repeat(20 * MEGABYTE) };
    const [entry] = expected({ row, key: { id: 1 }, keyJson: '[1]' } as never);
    const small = expected({ row: { id: 1, t: 'x' }, key: { id: 1 }, keyJson: '[1]' } as never);
    expect(entry!.name).toEqual(small[0]!.name);
    expect(entry!.digest).not.toEqual(small[0]!.digest);
  });
});
