import { envelopeWriter, eventKeyWriter } from './envelope';

describe('envelopeWriter', () => {
  it('writes Debezium JSON with the images as they are', () => {
    const value = envelopeWriter(
      'pre"fix',
      'my db.t.x',
      '1.2.3',
    )({
      before: 'null',
      after: '{"id":1}',
      op: 'c',
      sourceTsMs: 1,
      publishedTsMs: 2,
      snapshot: false,
      version: '0001000000000000001',
    });
    expect(JSON.parse(value)).toEqual({
      before: null,
      after: { id: 1 },
      op: 'c',
      ts_ms: 2,
      source: {
        version: '1.2.3',
        connector: 'tributary',
        name: 'pre"fix',
        db: 'my db',
        table: 't.x',
        snapshot: 'false',
        ts_ms: 1,
        seq: '0001000000000000001',
      },
    });
    expect(JSON.parse(eventKeyWriter('my db.t.x')('{"id":1}'))).toEqual({
      table: 'my db.t.x',
      key: { id: 1 },
    });
  });
});
