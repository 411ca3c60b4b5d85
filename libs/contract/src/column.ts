/** What a MySQL column is to us: one kind per row of the mapping table in docs/type-mapping.md. */
export const columnKinds = [
  'int', // TINYINT .. INT, signed or unsigned
  'year',
  'bigint', // BIGINT, signed or unsigned
  'decimal',
  'float', // FLOAT and DOUBLE
  'bit',
  'date',
  'datetime',
  'timestamp',
  'time',
  'text', // CHAR, VARCHAR, TEXT
  'enum',
  'set',
  'binary', // BINARY, VARBINARY, BLOB
  'json',
  'geometry',
] as const;
export type ColumnKind = (typeof columnKinds)[number];

export type MaskKind = 'sha256' | 'redact' | 'last4';

/** One captured column of a table, as it stands in a row image and on the wire. */
export interface Column {
  /** The column's name in MySQL. */
  readonly name: string;
  /** Its name on the wire and in the targets (differs from `name` where the sync file renames it). */
  readonly field: string;
  /** Kind of the value on the wire; a masked column is `text` whatever it was. */
  readonly kind: ColumnKind;
  /** Kind of the value in MySQL, which says how an image cell is decoded. */
  readonly sourceKind: ColumnKind;
  /** COLUMN_TYPE of information_schema, for people and for drift checks. */
  readonly sqlType: string;
  readonly nullable: boolean;
  readonly unsigned?: boolean;
  /** Inclusive bounds of an integer kind, in digits. */
  readonly min?: string;
  readonly max?: string;
  /** DECIMAL(p,s). */
  readonly precision?: number;
  readonly scale?: number;
  /** Fractional digits of a temporal kind (0 to 6). */
  readonly fsp?: number;
  /** Characters of a text kind, bytes of a binary kind, bits of BIT. */
  readonly length?: number;
  /** Character set of a text kind. */
  readonly charset?: string;
  /** Members of ENUM and SET in declared order. */
  readonly values?: readonly string[];
  readonly mask?: MaskKind;
}

/** A wire value: no JSON number is ever outside what a double holds exactly. */
export type WireValue = string | number | boolean | null;
export type WireRow = Record<string, WireValue>;
