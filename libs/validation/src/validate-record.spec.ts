import {
  controlRecord,
  formatVersion,
  headerText,
  type LoadControl,
  type Version,
} from '@tributary/contract';
import fc from 'fast-check';
import { rowDtoCheck, registerRowDto } from '@tributary/schemas';
import { parseSyncConfig } from '@tributary/sync-config';
import { Max } from 'class-validator';
import { badEvents, sample, type SampleRecord } from '@tributary/testing';
import { validateRecord } from './validate-record';
import type { ValidationRules } from './verdict';

const { altered, row, sampleEvent, schema, table, withHeader } = sample;

class SmallOrder {
  @Max(10) quantity!: number;
}
registerRowDto('SmallOrder', SmallOrder);

const rules = (dto = ''): ValidationRules => ({
  config: parseSyncConfig(`tables:\n  - table: ${table}\n${dto && `    dto: ${dto}\n`}`),
  schema: (fingerprint) => (fingerprint === schema.fingerprint ? schema : undefined),
  dto: rowDtoCheck,
  maxBytes: 3_000_000,
});
const judge = (record: SampleRecord, given = rules()) => validateRecord(record, given);

/** An event whose CRC-32 begins with a zero, which some writer left out. */
function shortCrc(): SampleRecord {
  for (let id = 1; ; id += 1) {
    const event = sampleEvent({ id });
    const crc = event.headers['crc']!.toString();
    if (crc.startsWith('0')) return withHeader(event, 'crc', crc.slice(1));
  }
}

/** A delete as it is where no before images are captured. */
function deleted(change: (before: string) => string = (before) => before) {
  const event = sampleEvent({ op: 'd' });
  const [, before = ''] = /"key":(\{.*\})\}$/.exec(event.key.toString('utf8')) ?? [];
  return altered(event, '"before":null', `"before":${change(before)}`);
}

describe('good records', () => {
  it.each([
    ['an insert', sampleEvent()],
    ['an update', sampleEvent({ op: 'u', before: row(1, 'old'), after: row(1) })],
    ['an update without before image', sampleEvent({ op: 'u' })],
    ['a snapshot row', sampleEvent({ op: 'r' })],
    ['an event with extra members', altered(sampleEvent(), '"op":"c"', '"transaction":{"id":[1]},"op":"c"')],
    ['an event with a crc without leading zeros', shortCrc()],
  ])('%s goes on', (_, record) => {
    expect(judge(record)).toEqual({
      kind: 'forward',
      event: { table, isDelete: false, tsMs: 1_795_430_000_000 },
    });
  });

  it.each([
    ['with a before image', sampleEvent({ op: 'd', before: row(1) })],
    ['with its key columns', deleted()],
    ['without', sampleEvent({ op: 'd' })],
  ])('a delete %s is known as one', (_, record) => {
    expect(judge(record)).toMatchObject({ kind: 'forward', event: { isDelete: true } });
  });

  it('control records and tombstones go on unread', () => {
    const { key, headers } = sampleEvent();
    expect(judge({ key, value: Buffer.from('{'), headers: { control: Buffer.from('later') } })).toEqual({
      kind: 'forward',
    });
    expect(validateRecord({ key, value: null, headers }, rules())).toEqual({ kind: 'forward' });
    expect(validateRecord({ key: null, value: null, headers }, rules())).toMatchObject({
      rejection: { code: 'INVALID_KEY' },
    });
  });

  it('R11: control records are checked as far as the sinks rely on them', () => {
    const { schema } = sampleEvent().headers;
    const control = (parts: Partial<LoadControl> = {}) => {
      const floor = formatVersion(1, 42n);
      const fingerprint = headerText({ schema }, 'schema')!;
      const good = { kind: 'sweep', table, schema: fingerprint, floor, job: '1', partitions: 4 } as const;
      const { key, value, headers } = controlRecord({ ...good, ...parts });
      const bytes = Object.entries(headers).map(([name, text]) => [name, Buffer.from(text)]);
      return {
        key: Buffer.from(key),
        value: Buffer.from(value),
        headers: Object.fromEntries(bytes) as Record<string, Buffer>,
      };
    };
    expect(judge(control())).toEqual({ kind: 'forward', isControl: true });
    expect(judge(control({ schema: '0123456789abcdef' }))).toMatchObject({ kind: 'unknown-schema' });
    expect(judge(control({ floor: '42' as Version }))).toMatchObject({
      rejection: { code: 'INVALID_HEADERS' },
    });
    expect(judge(control({ table: 'no.where' }))).toMatchObject({ rejection: { code: 'UNKNOWN_TABLE' } });
    expect(validateRecord({ ...control(), value: null }, rules())).toMatchObject({
      rejection: { code: 'MALFORMED_JSON' },
    });
  });

  it('an unknown fingerprint is a question, not a verdict', () => {
    const record = withHeader(sampleEvent(), 'schema', '0123456789abcdef');
    expect(judge(record)).toEqual({ kind: 'unknown-schema', fingerprint: '0123456789abcdef', table });
  });
});

describe('R10: bad records', () => {
  it.each([
    ['of another row', deleted((before) => before.replace('"eu"', '"us"')), 'KEY_MISMATCH'],
    ['but not all of them', deleted(() => '{"id":1}'), 'KEY_MISMATCH'],
    ['and one more', deleted((before) => before.replace('}', ',"quantity":null}')), 'INVALID_ROW'],
    [
      'but of an update',
      altered(sampleEvent({ op: 'u' }), '"before":null', '"before":{"id":"1","region":"eu"}'),
      'INVALID_ROW',
    ],
  ])('a before image of key columns %s', (_, record, code) => {
    expect(judge(record)).toMatchObject({ kind: 'rejected', rejection: { code } });
  });

  it.each(badEvents.filter(([, code]) => code !== 'UNKNOWN_SCHEMA'))('%s: %s', (_, code, record, words) => {
    expect(judge(record)).toMatchObject({
      kind: 'rejected',
      rejection: { code, reason: expect.stringContaining(words) as string },
    });
  });

  it('a schema of another table', () => {
    const other = { ...schema, table: 'shop.other' };
    expect(judge(sampleEvent(), { ...rules(), schema: () => other })).toMatchObject({
      rejection: { code: 'UNKNOWN_SCHEMA' },
    });
  });

  it('a record larger than the next topic takes', () => {
    expect(judge(sampleEvent(), { ...rules(), maxBytes: 100 })).toMatchObject({
      rejection: { code: 'OVERSIZE' },
    });
  });

  it('a row against the DTO of the sync file, deletes not', () => {
    const large = altered(sampleEvent(), '"quantity":7', '"quantity":11');
    expect(judge(large)).toMatchObject({ kind: 'forward' });
    expect(judge(sampleEvent(), rules('SmallOrder'))).toMatchObject({ kind: 'forward' });
    expect(judge(sampleEvent({ op: 'd' }), rules('SmallOrder'))).toMatchObject({ kind: 'forward' });
    expect(judge(large, rules('SmallOrder'))).toEqual({
      kind: 'rejected',
      table,
      rejection: { code: 'INVALID_DTO', reason: 'SmallOrder: quantity must not be greater than 10' },
    });
  });

  it('no reason shows a value of the row', () => {
    for (const [, , record] of badEvents) expect(JSON.stringify(judge(record))).not.toMatch(/19\.9|AP8|é😀/);
  });
});

it('R11: no bytes and no headers make it throw', () => {
  const good = sampleEvent({ op: 'u', before: row(1) });
  const mutated = fc
    .array(fc.tuple(fc.nat(good.value.length - 1), fc.integer({ min: 0, max: 255 })), {
      minLength: 1,
      maxLength: 4,
    })
    .map((changes) => {
      const value = Buffer.from(good.value);
      for (const [at, byte] of changes) value[at] = byte;
      return value;
    });
  const text = fc.oneof(fc.json({ maxDepth: 4 }), fc.string()).map((json) => Buffer.from(json));
  const headers = fc.dictionary(
    fc.constantFrom('v', 'schema', 'crc', 'x'),
    fc.oneof(
      fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes)),
      fc.array(fc.constant(Buffer.from('1'))),
    ),
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.constant(good.key),
        text,
        fc.uint8Array().map((bytes) => Buffer.from(bytes)),
      ),
      fc.oneof(mutated, text),
      fc.oneof(fc.constant(good.headers), headers),
      (key, value, given) => {
        const verdict = validateRecord({ key, value, headers: given }, rules());
        // A random change of the bytes passes only outside the images, which the checksum covers.
        if (verdict.kind === 'forward') {
          const { before, after } = JSON.parse(value.toString('utf8')) as Record<string, unknown>;
          const original = JSON.parse(good.value.toString('utf8')) as Record<string, unknown>;
          expect({ before, after }).toEqual({ before: original['before'], after: original['after'] });
        }
      },
    ),
    { numRuns: 2000 },
  );
});
