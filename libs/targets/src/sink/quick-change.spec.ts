import { isDeepStrictEqual } from 'node:util';
import {
  bytesCrc,
  envelopeWriter,
  eventKeyWriter,
  formatVersion,
  imagesCrc,
  type Operation,
} from '@tributary/contract';
import { parseSyncConfig } from '@tributary/sync-config';
import { damagedBytes } from '@tributary/testing';
import fc from 'fast-check';
import { column, schemaOf } from '../mapping/columns.fixture';
import { ChangeDecoder } from './decode';
import { QuickChanges, type EncodedChange } from './quick-change';

const columns = [
  column('note', 'text'),
  column('id', 'bigint'),
  column('weight', 'float'),
  column('gift', 'bit'),
  column('place', 'geometry'),
];
const schema = { ...schemaOf(columns), table: 'shop.items', key: ['id', 'note'] };
const spatial = { ...schema, fingerprint: '00000000000000aa', key: ['place'] };
const newer = {
  ...schema,
  fingerprint: '00000000000000bb',
  columns: [...columns, column('v', 'vector' as 'text')],
};
const config = parseSyncConfig('tables: [{ table: shop.items }]');
const schemaBy = (fingerprint: string) =>
  [schema, spatial, newer].find((known) => known.fingerprint === fingerprint);
const decoder = new ChangeDecoder(config, schemaBy);
const quick = new QuickChanges(config, schemaBy);

const image = '{"note":"ü:\\"\\u0007","id":"9007199254740993","weight":-0.5e-7,"gift":true,"place":null}';
const key = '{"id":"9007199254740993","note":"ü:\\"\\u0007"}';

function record(op: Operation, before: string, after: string, its = key, fingerprint = schema.fingerprint) {
  const version = formatVersion(1, 42n);
  const parts = { op, before, after, version, snapshot: op === 'r', sourceTsMs: 5, publishedTsMs: 6 };
  return {
    key: Buffer.from(eventKeyWriter('shop.items')(its)),
    value: Buffer.from(envelopeWriter('p', 'shop.items', '1')(parts)),
    headers: {
      ...{ v: Buffer.from(version), schema: Buffer.from(fingerprint) },
      crc: Buffer.from(imagesCrc(before, after)),
    },
  };
}

const good = [
  record('c', 'null', image),
  record('u', image, image.replace('null', '"AAAA"')),
  record('r', 'null', image.replace('true', '"no boolean"').replace('-0.5e-7', '-0')),
  record('d', image, 'null'),
  record('d', 'null', 'null'),
  record('d', key, 'null'),
];

/** Whether the bytes told the change; it must be the one that is parsed. */
function agrees(change: EncodedChange): boolean {
  const told = quick.read(change, 3);
  const thorough = decoder.decodeThoroughly(change, 3);
  if (told && !isDeepStrictEqual({ change: told }, thorough))
    expect({ change: told }).toStrictEqual(thorough);
  expect(isDeepStrictEqual(decoder.decode(change, 3), thorough)).toBe(true);
  return told !== undefined;
}

function sealed(change: (typeof good)[number]): EncodedChange {
  try {
    JSON.parse(String(change.value)); // only then is there a checksum
    return { ...change, headers: { ...change.headers, crc: Buffer.from(bytesCrc(change.value)) } };
  } catch {
    return change;
  }
}

describe('R10: a change read where it stands is the one that is parsed', () => {
  it('of every event that a relay writes', () => {
    for (const change of good) expect(agrees(change)).toBe(true);
  });

  it('whatever the damage', () => {
    let told = 0;
    const any = fc.constantFrom(...good).chain((change) =>
      fc.oneof(
        damagedBytes(change.key).map((bytes) => ({ ...change, key: bytes })),
        damagedBytes(change.value).map((value) => ({ ...change, value })),
        damagedBytes(change.value).map((value) => sealed({ ...change, value })),
        damagedBytes(change.headers.v).map((v) => ({ ...change, headers: { ...change.headers, v } })),
        damagedBytes(change.headers.crc).map((crc) => ({ ...change, headers: { ...change.headers, crc } })),
      ),
    );
    fc.assert(
      fc.property(any, (change) => {
        told += Number(agrees(change));
      }),
      { numRuns: 3000 },
    );
    // If no bytes told anything, nothing would have been compared.
    expect(told).toBeGreaterThan(50);
  });

  it('or nothing: of another table, without a key, by a schema that is unknown or newer', () => {
    const change = good[0]!;
    expect(quick.read({ ...change, key: null }, 0)).toBeUndefined();
    expect(quick.read(record('c', 'null', image, key, 'beef'), 0)).toBeUndefined();
    expect(quick.read(record('c', 'null', image, key, newer.fingerprint), 0)).toBeUndefined();
    expect(() => decoder.decode(record('c', 'null', image, key, newer.fingerprint), 0)).toThrow(
      /unknown kind vector/,
    );
    const others = new QuickChanges(parseSyncConfig('tables: [{ table: shop.others }]'), schemaBy);
    expect(others.read(change, 0)).toBeUndefined();
  });

  it('also where a key value cannot be read', () => {
    const change = record(
      'c',
      'null',
      image.replace('null', '"AAAA"'),
      '{"place":"AAAA"}',
      spatial.fingerprint,
    );
    expect(decoder.decode(change, 0)).toMatchObject({ rejection: { code: 'INVALID_ROW' } });
    expect(decoder.decode(change, 0)).toEqual(decoder.decodeThoroughly(change, 0));
  });
});
