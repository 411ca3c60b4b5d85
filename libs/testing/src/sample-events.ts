import {
  envelopeWriter,
  eventKeyWriter,
  formatVersion,
  header,
  imagesCrc,
  rowCodec,
  rowSchema,
  valueCrc,
  type Cell,
  type Column,
  type ColumnKind,
  type Operation,
} from '@tributary/contract';

const column = (name: string, kind: ColumnKind, more: Partial<Column> = {}): Column => ({
  name,
  field: name,
  kind,
  sourceKind: kind,
  sqlType: kind,
  nullable: true,
  ...more,
});

export const table = 'shop.orders';
export const schema = rowSchema({
  table,
  key: ['id', 'region'],
  columns: [
    column('id', 'bigint', { nullable: false, min: '1', max: '9223372036854775807' }),
    column('region', 'text', { nullable: false, length: 2, charset: 'ascii' }),
    column('quantity', 'int', { min: '-32768', max: '32767' }),
    column('price', 'decimal', { precision: 8, scale: 2 }),
    column('note', 'text', { length: 20, charset: 'utf8mb4' }),
    column('photo', 'binary', { length: 1_000_000 }),
    column('at', 'timestamp', { fsp: 3 }),
  ],
});

const codec = rowCodec(schema);
const envelope = envelopeWriter('test', table, 'dev');
const keyOf = eventKeyWriter(table);

/** Cells as the capture expressions give them. */
export const row = (id: number, note: string | null = 'é😀', photo = '00FF'): Cell[] => [
  String(id),
  'eu',
  '7',
  '19.90',
  note,
  photo,
  '1795430000.123',
];

export interface SampleRecord {
  readonly key: Buffer;
  readonly value: Buffer;
  readonly headers: Record<string, Buffer>;
}

interface Change {
  readonly op?: Operation;
  readonly id?: number;
  readonly version?: number;
  readonly before?: Cell[] | null;
  readonly after?: Cell[] | null;
}

/** A change event exactly as the relay writes it. */
export function sampleEvent({ op = 'c', id = 1, version = id, ...images }: Change = {}): SampleRecord {
  const json = (cells: Cell[] | null) => (cells ? codec.row(cells) : 'null');
  const before = json(images.before ?? null);
  const after = json(images.after === undefined ? (op === 'd' ? null : row(id)) : images.after);
  const v = formatVersion(1, BigInt(version));
  const parts = {
    op,
    before,
    after,
    sourceTsMs: 1_795_430_000_000,
    publishedTsMs: 1_795_430_000_001,
    snapshot: op === 'r',
  };
  return {
    key: Buffer.from(keyOf(codec.key([String(id), 'eu']))),
    value: Buffer.from(envelope({ ...parts, version: v })),
    headers: {
      [header.version]: Buffer.from(v),
      [header.schema]: Buffer.from(schema.fingerprint),
      [header.crc]: Buffer.from(imagesCrc(before, after)),
      [header.trace]: Buffer.from('00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'),
    },
  };
}

/** The event with a text of its value replaced and the checksum made right again, as only a faulty writer would. */
export function altered(event: SampleRecord, from: string, to: string): SampleRecord {
  const text = event.value.toString('utf8');
  if (!text.includes(from)) throw new Error(`The sample event does not hold ${from}`);
  const value = text.replace(from, to);
  return {
    ...event,
    value: Buffer.from(value),
    headers: { ...event.headers, crc: Buffer.from(valueCrc(value)) },
  };
}

/** The event with one header set to another text, or without it. */
export function withHeader(event: SampleRecord, name: string, text?: string): SampleRecord {
  const headers = Object.entries(event.headers).filter(([other]) => other !== name);
  if (text !== undefined) headers.push([name, Buffer.from(text)]);
  return { ...event, headers: Object.fromEntries(headers) };
}
