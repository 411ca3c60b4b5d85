import { isDeepStrictEqual } from 'node:util';
import { bytesCrc, isVersionBytes, parseVersion, type Headers } from '@tributary/contract';
import { registerRowDto, rowDtoCheck } from '@tributary/schemas';
import { parseSyncConfig } from '@tributary/sync-config';
import { badEvents, damagedBytes, sample, type SampleRecord } from '@tributary/testing';
import { Max } from 'class-validator';
import fc from 'fast-check';
import { quickVerdict } from './quick-verdict';
import { thoroughVerdict } from './validate-record';
import type { CheckedRecord, ValidationRules } from './verdict';

const { altered, row, sampleEvent, schema, table } = sample;

class FewOrders {
  @Max(10) quantity!: number;
}
registerRowDto('FewOrders', FewOrders);

const rules: ValidationRules = {
  config: parseSyncConfig(`tables: [{ table: ${table}, dto: FewOrders }]`),
  schema: (fingerprint) => (fingerprint === schema.fingerprint ? schema : undefined),
  dto: rowDtoCheck,
  maxBytes: 3_000_000,
};

const good: readonly SampleRecord[] = [
  sampleEvent(),
  sampleEvent({ op: 'u', before: row(1, 'old'), after: row(1, '"\n\u0007"') }),
  sampleEvent({ op: 'u', after: row(1, null) }),
  sampleEvent({ op: 'r', after: row(1, 'é', 'FF'.repeat(100)) }),
  sampleEvent({ op: 'd', before: row(1) }),
  sampleEvent({ op: 'd' }),
  altered(sampleEvent({ op: 'd' }), '"before":null', '"before":{"id":"1","region":"eu"}'),
];

/** Whether the bytes told the verdict; it must be the thorough one. */
function agrees(record: CheckedRecord): boolean {
  const quick = quickVerdict(record, rules);
  if (quick === undefined) return false;
  const thorough = thoroughVerdict(record, rules);
  if (!isDeepStrictEqual(quick, thorough)) expect(quick).toStrictEqual(thorough);
  return true;
}

/** A record with one of its parts damaged, the checksum right again or not. */
const damagedRecord: fc.Arbitrary<CheckedRecord> = fc
  .tuple(
    fc.constantFrom(...good),
    fc.constantFrom('key', 'value', 'value', 'value', 'v', 'schema', 'crc'),
    fc.boolean(),
  )
  .chain(([record, part, resealed]) => {
    if (part === 'key') return damagedBytes(record.key).map((key) => ({ ...record, key }));
    if (part !== 'value')
      return damagedBytes(record.headers[part]!).map((bytes) => ({
        ...record,
        headers: { ...record.headers, [part]: bytes },
      }));
    return damagedBytes(record.value).map((value) =>
      resealed ? sealed({ ...record, value }) : { ...record, value },
    );
  });

function sealed(record: SampleRecord): SampleRecord {
  try {
    JSON.parse(String(record.value)); // only then is there a checksum
    return { ...record, headers: { ...record.headers, crc: Buffer.from(bytesCrc(record.value)) } };
  } catch {
    return record;
  }
}

describe('R10: the verdict from the bytes is the thorough one', () => {
  it('is there for every good event that a relay writes', () => {
    for (const record of good) expect(agrees(record)).toBe(true);
  });

  it('is not there for any bad event', () => {
    for (const [, , record] of badEvents) expect(quickVerdict(record, rules)).toBeUndefined();
    expect(agrees(altered(sampleEvent(), '"quantity":7', '"quantity":11'))).toBe(false);
    const large = sampleEvent({ after: row(1, 'x', 'FF'.repeat(2_000_000)) });
    expect(agrees(large)).toBe(false);
    expect(
      quickVerdict(good[0]!, { ...rules, config: parseSyncConfig('tables: [{ table: a.b }]') }),
    ).toBeUndefined();
    expect(
      quickVerdict(good[0]!, { ...rules, schema: () => ({ ...schema, table: 'shop.others' }) }),
    ).toBeUndefined();
  });

  it('whatever the damage', () => {
    let told = 0;
    fc.assert(
      fc.property(damagedRecord, (record) => {
        told += Number(agrees(record));
      }),
      { numRuns: 3000 },
    );
    // If no bytes told anything, nothing would have been compared.
    expect(told).toBeGreaterThan(50);
  });

  it('whatever the headers', () => {
    const { headers, ...rest } = good[0]!;
    const values: Headers[string][] = [
      ...[undefined, null, '', '0', Buffer.alloc(0), [headers['v']!], [headers['v']!, headers['v']!]],
      ...['0001000000000000042', '9223372036854775807', '9223372036854775808', '000100000000000004x'],
      ...['00000000', 'FFFFFFFF', headers['crc']!.toString(), headers['crc']!.toString().toUpperCase()],
      ...[schema.fingerprint, schema.fingerprint.toUpperCase()],
    ];
    const asBytes = values.map((value) => (typeof value === 'string' ? Buffer.from(value) : value));
    for (const name of ['v', 'schema', 'crc', 'control', 'other'])
      for (const value of [...values, ...asBytes])
        agrees({ ...rest, headers: { ...headers, [name]: value } });
    for (const value of asBytes) if (isVersionBytes(value)) expect(parseVersion(String(value))).toBeDefined();
    expect(isVersionBytes(Buffer.from('8999999999999999999'))).toBe(true);
  });
});
