import {
  formatVersion,
  imagesCrc,
  keyColumns,
  rowCodec,
  rowKeyText,
  rowSchema,
  type Cell,
  type Column,
  type RowSchema,
  type WireRow,
} from '@tributary/contract';
import { parseSyncConfig } from '@tributary/sync-config';
import { mongoDocument, redisFields, type RedisText } from '@tributary/targets';
import { BSON } from './bson';

/** A file of vectors: what every text and every value of these rows is, from MySQL's cell to the targets. */
export interface VectorFile {
  readonly server: 'mysql' | 'mariadb';
  readonly tables: readonly TableVectors[];
}

export interface TableVectors {
  /** With the fingerprint. */
  readonly schema: RowSchema;
  /** For each column, the SQL whose text is the cell. */
  readonly expressions: readonly string[];
  readonly rows: readonly RowVector[];
}

export interface RowVector {
  /** As SQL gives them, in column order. */
  readonly cells: readonly Cell[];
  /** JSON text of the key columns on the wire. */
  readonly key: string;
  /** JSON text of the row on the wire. */
  readonly after: string;
  /** Of an event without a before image, over the texts `null` and `after`. */
  readonly crc: string;
  /** The key as it stands in Redis keys and in the `_id`s of composite keys. */
  readonly keyText: string;
  /** The MongoDB document without `_sync`, in hex. */
  readonly bson: string;
  /** Fields of the Redis hash without `_v`; bytes that are no text in hex. */
  readonly redis: readonly (readonly [field: string, value: string | { readonly hex: string }])[];
  /** The row with `as: json`, at version `0001000000000000042`. */
  readonly redisJson: string;
}

const VERSION = formatVersion(1, 42n);
/** What is longer is like what is shorter, and left out. */
const LONGEST_CELL = 1_000;

/** The vectors of a table that was described and read as `expressions` say. */
export function vectorsOf(
  described: RowSchema,
  expressions: readonly string[],
  rows: readonly (readonly Cell[])[],
): TableVectors {
  const short = described.columns.map((_, at) =>
    rows.every(({ [at]: cell }) => (cell?.length ?? 0) <= LONGEST_CELL),
  );
  const kept = <T>(values: readonly T[]): T[] => values.filter((_, at) => short[at]);
  const table = `matrix.${described.table.slice(described.table.indexOf('.') + 1)}`;
  const columns = kept(described.columns).map(asEveryRelease);
  const schema = rowSchema({ table, columns, key: described.key });
  return {
    schema,
    expressions: kept(expressions),
    rows: rows
      .map((cells) => vectorOf(schema, kept(cells)))
      .sort((a, b) => (a.keyText < b.keyText ? -1 : a.keyText > b.keyText ? 1 : 0)),
  };
}

function vectorOf(schema: RowSchema, cells: readonly Cell[]): RowVector {
  const codec = rowCodec(schema);
  const columns = keyColumns(schema);
  const after = codec.row(cells);
  const key = codec.key(columns.map((column) => cells[schema.columns.indexOf(column)]!));
  return {
    cells,
    key,
    after,
    crc: imagesCrc('null', after),
    keyText: rowKeyText(columns, JSON.parse(key) as WireRow),
    ...targetsOf(schema, JSON.parse(after) as WireRow),
  };
}

/** What the targets hold of a row, under the defaults of the sync file. */
export function targetsOf(schema: RowSchema, row: WireRow): Pick<RowVector, 'bson' | 'redis' | 'redisJson'> {
  const settings = (as: 'hash' | 'json') =>
    parseSyncConfig(`{ defaults: { redis: { as: ${as} } }, tables: [{ table: matrix.* }] }`).table(
      schema.table,
    )!;
  const document = mongoDocument(schema, settings('hash'), row, VERSION, new Date(0));
  if (document instanceof Map) document.delete('_sync');
  else delete document['_sync'];
  const hash = redisFields(schema, settings('hash'), row, VERSION) as { fields: Map<string, RedisText> };
  const text = redisFields(schema, settings('json'), row, VERSION) as { json: string };
  return {
    bson: Buffer.from(BSON.serialize(document)).toString('hex'),
    redis: [...hash.fields]
      .filter(([field]) => field !== '_v')
      .map(([field, value]) => [field, typeof value === 'string' ? value : { hex: value.toString('hex') }]),
    redisJson: text.json,
  };
}

/** Some releases of MySQL name a display width or `utf8mb3` where others do not. */
function asEveryRelease(column: Column): Column {
  const { sqlType, charset } = column;
  const plain = /zerofill/.test(sqlType) ? sqlType : sqlType.replace(/^(\w*int|year)\(\d+\)/, '$1');
  return { ...column, sqlType: plain, ...(charset === 'utf8mb3' && { charset: 'utf8' }) };
}
