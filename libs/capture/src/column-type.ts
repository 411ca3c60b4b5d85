import type { Column, ColumnKind } from '@tributary/contract';

/** One row of information_schema.columns. */
export interface ColumnInfo {
  readonly table: string;
  readonly name: string;
  readonly dataType: string;
  readonly columnType: string;
  readonly nullable: 'YES' | 'NO';
  readonly extra: string;
  readonly characters: string | null;
  readonly octets: string | null;
  readonly precision: string | null;
  readonly scale: string | null;
  readonly fsp: string | null;
  readonly charset: string | null;
}

const kinds: Record<string, ColumnKind> = {
  tinyint: 'int',
  smallint: 'int',
  mediumint: 'int',
  int: 'int',
  bigint: 'bigint',
  decimal: 'decimal',
  float: 'float',
  double: 'float',
  bit: 'bit',
  year: 'year',
  date: 'date',
  datetime: 'datetime',
  timestamp: 'timestamp',
  time: 'time',
  char: 'text',
  varchar: 'text',
  tinytext: 'text',
  text: 'text',
  mediumtext: 'text',
  longtext: 'text',
  uuid: 'text',
  inet4: 'text',
  inet6: 'text',
  enum: 'enum',
  set: 'set',
  binary: 'binary',
  varbinary: 'binary',
  tinyblob: 'binary',
  blob: 'binary',
  mediumblob: 'binary',
  longblob: 'binary',
  vector: 'binary',
  json: 'json',
  geometry: 'geometry',
  point: 'geometry',
  linestring: 'geometry',
  polygon: 'geometry',
  multipoint: 'geometry',
  multilinestring: 'geometry',
  multipolygon: 'geometry',
  geometrycollection: 'geometry',
  geomcollection: 'geometry',
};

/** The kind of a data type; `undefined` for one that is not known. */
export const kindOf = (dataType: string): ColumnKind | undefined => kinds[dataType];

const integerBits: Record<string, number> = { tinyint: 8, smallint: 16, mediumint: 24, int: 32, bigint: 64 };

/** The column model of one column, before renaming and masking. `kind` is passed since JSON may hide behind LONGTEXT. */
export function columnOf(info: ColumnInfo, kind: ColumnKind): Column {
  const unsigned = /\bunsigned\b/i.test(info.columnType);
  const common = {
    name: info.name,
    field: info.name,
    kind,
    sourceKind: kind,
    sqlType: info.columnType,
    nullable: info.nullable === 'YES',
  };
  switch (kind) {
    case 'int':
    case 'bigint':
      return { ...common, unsigned, ...integerBounds(integerBits[info.dataType]!, unsigned) };
    case 'year':
      return { ...common, min: '0', max: '2155' };
    case 'decimal':
      return { ...common, unsigned, precision: Number(info.precision), scale: Number(info.scale) };
    case 'bit':
      return { ...common, length: Number(info.precision) };
    case 'datetime':
    case 'timestamp':
    case 'time':
      return { ...common, fsp: Number(info.fsp ?? 0) };
    case 'text':
      // UUID and INET types have neither length nor character set.
      return info.charset === null
        ? common
        : { ...common, length: Number(info.characters), charset: info.charset };
    case 'enum':
    case 'set':
      return { ...common, ...members(info.columnType) };
    case 'binary':
      return info.octets === null ? common : { ...common, length: Number(info.octets) };
    case 'float':
    case 'date':
    case 'json':
    case 'geometry':
      return common;
  }
}

function integerBounds(bits: number, unsigned: boolean): { min: string; max: string } {
  const half = 2n ** BigInt(bits - 1);
  return unsigned
    ? { min: '0', max: String(half * 2n - 1n) }
    : { min: String(-half), max: String(half - 1n) };
}

const escapes: Record<string, string> = { '0': '\0', n: '\n', r: '\r' };

/**
 * The members of `enum('a','b''c')`. information_schema cannot show characters past U+FFFF and gives `?` for them:
 * then the members are not known, and nothing is said of them.
 */
function members(columnType: string): { values: string[] } | object {
  if (columnType.includes('?')) return {};
  const list = columnType.slice(columnType.indexOf('(') + 1, columnType.lastIndexOf(')'));
  return {
    values: [...list.matchAll(/'((?:[^'\\]|''|\\.)*)'/gs)].map(([, text]) =>
      text!.replace(/''|\\(.)/gs, (pair, escaped?: string) =>
        escaped === undefined ? pair.slice(1) : (escapes[escaped] ?? escaped),
      ),
    ),
  };
}

/** Column types whose values may be longer than a row's 64 KiB, so that images need a guard. */
const longTypes =
  /^(text|mediumtext|longtext|blob|mediumblob|longblob|json|geom|point|linestring|polygon|multi|vector)/i;

export const isLong = (column: Column) => longTypes.test(column.sqlType);
