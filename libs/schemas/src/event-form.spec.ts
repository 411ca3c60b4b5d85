import { envelopeWriter, EventReader, imagesCrc, rowSchema, type EventForm } from '@tributary/contract';
import fc from 'fast-check';
import { ChangeEventDto } from './change-event.dto';
import { compileDto } from './compiled-dto';
import { EventKeyDto } from './key.dto';

const schema = rowSchema({ table: 'shop.items', columns: [], key: [] });
const tables = { table: () => ({}), isExcluded: () => false };
const dtos: EventForm = { key: compileDto(EventKeyDto), event: compileDto(ChangeEventDto) };
const plain = new EventReader(tables, () => schema);
const byDto = new EventReader(tables, () => schema, dtos);

const version = '0001000000000000042';
const times = { sourceTsMs: 5, publishedTsMs: 6, snapshot: false, version };
const good = JSON.parse(
  envelopeWriter('p', schema.table, '1')({ before: 'null', after: '{}', op: 'c', ...times }),
) as { source: object };
const paths = [...Object.keys(good), ...Object.keys(good.source).map((name) => `source.${name}`)];
const members = fc.oneof(
  fc.constantFrom(undefined, null, 0, -1, 1.5, '', 'd', 't', 'u', 'x', '7', 'last', {}, [], true),
  fc.jsonValue({ maxDepth: 2 }),
);

/** The event with a member replaced, or left out where the value is `undefined`. */
function replaced(event: object, path: string, value: unknown): object {
  const [name, inner] = path.split('.') as [string, string | undefined];
  const held = (event as Record<string, unknown>)[name];
  const isInner = inner !== undefined && typeof held === 'object' && held !== null;
  return { ...event, [name]: isInner ? { ...held, [inner]: value } : value };
}

const recordOf = (key: unknown, event: unknown) => {
  const { before, after } = event as Record<string, unknown>;
  const text = (image: unknown) => (image === undefined ? '' : JSON.stringify(image));
  const crc = imagesCrc(text(before), text(after));
  return {
    key: Buffer.from(JSON.stringify(key)),
    value: Buffer.from(JSON.stringify(event)),
    headers: { v: version, schema: schema.fingerprint, crc },
  };
};

it('R10: a record has one answer, whether its form is read by DTOs or without', () => {
  const codes: Record<string, number> = {};
  const changes = fc.array(fc.tuple(fc.constantFrom(...paths), members), { maxLength: 2 });
  const keys = fc.oneof(
    { weight: 3, arbitrary: fc.constant({ table: schema.table, key: {} }) },
    fc.record({ table: members, key: members }),
  );
  fc.assert(
    fc.property(keys, changes, (key, list) => {
      const event = list.reduce((made, [path, value]) => replaced(made, path, value), good as object);
      const [one, other] = [plain, byDto].map((reader) => {
        const reading = reader.read(recordOf(key, event));
        return 'rejection' in reading ? reading.rejection.code : Object.keys(reading)[0]!;
      });
      expect({ event, code: one }).toEqual({ event, code: other });
      codes[one!] = (codes[one!] ?? 0) + 1;
    }),
    { numRuns: 3000 },
  );
  expect(Object.keys(codes)).toEqual(expect.arrayContaining(['event', 'INVALID_KEY', 'INVALID_ENVELOPE']));
});
