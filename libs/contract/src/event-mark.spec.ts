import { envelopeWriter, eventKeyWriter } from './envelope';
import { firstChanges } from './event-mark';
import { header } from './headers';

const record = (table: string, sourceTsMs: number, more: object = {}) => ({
  key: Buffer.from(eventKeyWriter(table)('{"id":1}')),
  value: Buffer.from(
    envelopeWriter(
      'p',
      table,
      '0.2.0',
    )({
      ...{ before: 'null', after: '{"id":1,"note":"\\"ts_ms\\":7}"}', op: 'u' },
      ...{ sourceTsMs, publishedTsMs: sourceTsMs + 1, snapshot: false, version: '0000000001000000001' },
    }),
  ),
  headers: {},
  timestamp: '99',
  ...more,
});

describe('first changes', () => {
  it('tells each table with the source time of its first record', () => {
    const found = firstChanges([record('d.a', 1000), record('d.b"é', 900), record('d.a', 800)]);
    expect([...found]).toEqual([
      ['d.a', 1000],
      ['d.b"é', 900],
    ]);
  });

  it('takes the time of the broker where the value does not say it, and passes control records over', () => {
    const found = firstChanges([
      record('d.control', 1, { headers: { [header.control]: 'load' } }),
      record('d.tombstone', 1, { value: null }),
      record('d.foreign', 1, { value: Buffer.from('{"after":{}}') }),
      record('d.a', 1, { key: Buffer.from('{"table":') }),
      record('d.a', 1, { key: null }),
    ]);
    expect([...found]).toEqual([
      ['d.tombstone', 99],
      ['d.foreign', 99],
      [undefined, 1],
    ]);
  });
});
