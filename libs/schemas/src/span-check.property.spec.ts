import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import {
  bytesCrc,
  compileEventScan,
  compileRowEncoder,
  envelopeWriter,
  eventKeyWriter,
  rowSchema,
  spanRow,
  type ChangeEvent,
  type Column,
  type EventKey,
  type ImageSpans,
  type Operation,
  type RowSchema,
  type WireRow,
} from '@tributary/contract';
import { ChangeEventDto } from './change-event.dto';
import { columnAndCell, columns } from './column-cells.fixture';
import { compileDto } from './compiled-dto';
import { hostileValues } from './hostile-values.fixture';
import { EventKeyDto } from './key.dto';
import { compileRowValidator } from './row-validator';
import { compileSpanCheck } from './span-check';

interface Message {
  readonly schema: RowSchema;
  readonly key: string | Buffer;
  readonly value: string | Buffer;
}

/** The bytes of a message as a relay puts it together; the images may be anything. */
function messageOf(
  op: Operation,
  table: string,
  [before, after]: [string | Buffer, string | Buffer],
): Buffer {
  const times = { sourceTsMs: 1_795_430_000_000, publishedTsMs: 5, snapshot: false };
  const parts = { ...times, before: '', op, version: '0001000000000000042' };
  const [head, tail] = envelopeWriter('p', table, '1.2.3').around(parts);
  const [start, between] = [head.slice(0, head.indexOf(',')), head.slice(head.indexOf(','))];
  return Buffer.concat([start, before, between, after, tail].map((part) => Buffer.from(part)));
}

/** Messages of tables with random columns, whose first is the key. */
const message = fc
  .record({
    parts: fc.array(columnAndCell, { minLength: 1, maxLength: 6 }),
    names: fc.shuffledSubarray(['a', 'Ä"b', 'constructor', '1', 'x.y', 'toString', '\\']),
    op: fc.constantFrom('c' as const, 'u' as const, 'd' as const, 'r' as const, 't' as const),
    images: fc.tuple(fc.boolean(), fc.boolean()),
  })
  .map(({ parts, names, op, images }) => {
    const named = parts.map(([column], at) => ({ ...column, field: names[at] ?? `c${at}` }));
    const schema = rowSchema({ table: 'shop.or"ders', key: [named[0]!.field], columns: named });
    const row = compileRowEncoder(named)(parts.map(([, cell]) => cell));
    const key = eventKeyWriter(schema.table)(compileRowEncoder(named.slice(0, 1))([parts[0]![1]]));
    const [before, after] = images.map((stands) => (stands ? row : 'null')) as [string, string];
    const isOfRelay = op !== 't' && parts[0]![1] !== null && (op === 'd') === (after === 'null');
    return { schema, isOfRelay, key, value: messageOf(op, schema.table, [before, after]) };
  });

/** Other bytes in the place of some: where as a part of the length, how many are gone, what comes. */
const damage = fc.tuple(
  fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  fc.nat(3),
  fc.oneof(
    fc.constantFrom(...hostileValues, ...'"\\{}[],:09-.Z \t').map((text) => Buffer.from(text)),
    fc.uint8Array({ maxLength: 2 }).map((bytes) => Buffer.from(bytes)),
  ),
);

function damaged(
  text: string | Buffer,
  [place, gone, come]: typeof damage extends fc.Arbitrary<infer T> ? T : never,
) {
  const bytes = Buffer.from(text);
  const at = Math.floor(place * bytes.length);
  return Buffer.concat([bytes.subarray(0, at), come, bytes.subarray(at + gone)]);
}

const isEvent = compileDto(ChangeEventDto);
const isKey = compileDto(EventKeyDto);

/** What the bytes tell, and what JSON.parse and the rules for rows make of them. Nothing where the bytes tell nothing. */
function bothReadings({ schema, ...message }: Message): [bytes: unknown, parsed: unknown] | [] {
  const [key, value] = [Buffer.from(message.key), Buffer.from(message.value)];
  const scanned = compileEventScan(schema)!(key, value);
  if (!scanned) return [];
  const { op, tsMs, crc, before, after, key: ofKey } = scanned;
  const keyColumns = schema.columns.filter(({ field }) => schema.key.includes(field));
  const [check, thorough] = [compileSpanCheck(schema.columns), compileRowValidator(schema)];
  const told = (spans: ImageSpans | undefined) =>
    spans ? { row: spanRow(schema.columns, value, spans), isGood: check(value, spans) } : null;
  const parsed = (row: WireRow | null) => (row ? { row, isGood: thorough(row, '') === undefined } : null);
  const event = parsedAs<ChangeEvent>(value);
  const eventKey = parsedAs<EventKey>(key);
  const row = event.after ?? event.before;
  return [
    {
      ...{ op, tsMs, crc, before: told(before), after: told(after), table: schema.table, isSound: true },
      key: { table: schema.table, key: spanRow(keyColumns, key, ofKey) },
    },
    {
      ...{ op: event.op, tsMs: event.source.ts_ms, crc: parseInt(bytesCrc(value), 16) },
      ...{ before: parsed(event.before), after: parsed(event.after), key: eventKey },
      table: `${event.source.db}.${event.source.table}`,
      isSound:
        isEvent(event as never) === undefined &&
        isKey(eventKey as never) === undefined &&
        schema.key.every((field) => !row || row[field] === eventKey.key[field]),
    },
  ];
}

const parsedAs = <T>(bytes: Buffer) =>
  JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as T;

/** Whether the bytes told anything; what they told is compared. */
function agrees(given: Message): boolean {
  const [bytes, parsed] = bothReadings(given);
  if (!isDeepStrictEqual(bytes, parsed)) expect(bytes).toStrictEqual(parsed);
  return bytes !== undefined;
}

describe('R10: an event read where it stands is what JSON.parse and the row validator make of it', () => {
  const holds = <T>(arbitrary: fc.Arbitrary<T>, numRuns: number, predicate: (given: T) => boolean | void) =>
    fc.assert(fc.property(arbitrary, predicate), { numRuns });

  it('as a relay writes it, and only so', () => {
    holds(message, 1000, (good) => agrees(good) === good.isOfRelay);
  });

  it('with a damaged value', () => {
    holds(fc.tuple(message, damage), 1500, ([good, fault]) => {
      agrees({ ...good, value: damaged(good.value, fault) });
    });
  });

  it('with a damaged key', () => {
    holds(fc.tuple(message, damage), 500, ([good, fault]) => {
      agrees({ ...good, key: damaged(good.key, fault) });
    });
  });

  const id: Column = { ...columns[0]!, name: 'id', field: 'id', nullable: false };
  const withCell = (column: Column, json: string | Buffer) => ({
    schema: rowSchema({ table: 'a.b', key: ['id'], columns: [id, column] }),
    key: '{"table":"a.b","key":{"id":1}}',
    value: messageOf('c', 'a.b', [
      'null',
      Buffer.concat([Buffer.from('{"id":1,"c":'), Buffer.from(json), Buffer.from('}')]),
    ]),
  });

  it('with a damaged cell', () => {
    let told = 0;
    holds(fc.tuple(columnAndCell, damage), 3000, ([[column, cell], fault]) => {
      const json = compileRowEncoder([column])([cell]).slice('{"c":'.length, -1);
      told += Number(agrees(withCell(column, damaged(json, fault))));
    });
    // If no bytes told anything, nothing would have been compared.
    expect(told).toBeGreaterThan(100);
  });

  const more: Partial<Column>[] = [
    { kind: 'text', charset: 'latin1', length: 4 },
    { kind: 'text', charset: 'utf8mb3', length: 4 },
    { kind: 'decimal', precision: 2, scale: 2 },
    { kind: 'decimal', precision: 3, scale: 0, unsigned: true },
    { kind: 'int', min: '-128', max: '127' },
    { kind: 'bigint', min: '1', max: '9223372036854775807' },
    { kind: 'float', sqlType: 'float unsigned', unsigned: true },
    { kind: 'datetime', fsp: 0 },
    ...(['enum', 'set', 'geometry', 'binary', 'time', 'timestamp'] as const).map((kind) => ({ kind })),
  ];
  const plain: Column = { ...id, field: 'c', unsigned: false };
  it.each(
    [...columns, ...more.map((what) => ({ ...plain, ...what }))].map(
      ({ name: _name, ...column }) => [JSON.stringify(column), column] as const,
    ),
  )('with any value in %s', (_what, column) => {
    for (const nullable of [false, true])
      for (const value of hostileValues) agrees(withCell({ ...column, name: 'c', nullable }, value));
  });
});
