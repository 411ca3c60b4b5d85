import { createHash } from 'node:crypto';
import type { Column, ColumnKind, MaskKind } from './column';
import { keyColumns, type RowSchema } from './row-schema';
import { timestampText, wireDateTime } from './temporal';

/** One cell of a row image as the trigger or the chunk query made it (libs/capture/src/expressions.ts). */
export type Cell = string | null;
type CellEncoder = (cell: string) => string;

/**
 * Compiles the encoder from image cells to the JSON text that stands in `before`, `after` and the message key.
 * It is the only way from MySQL to the wire, for live changes, snapshots, repairs and verification alike (R9).
 */
export function compileRowEncoder(columns: readonly Column[]): (cells: readonly Cell[]) => string {
  const heads = columns.map((column, at) => `${at === 0 ? '{' : ','}${JSON.stringify(column.field)}:`);
  const encoders = columns.map(cellEncoder);
  return (cells) => {
    if (cells.length !== heads.length)
      throw new RangeError(`A row image has ${cells.length} cells, its schema ${heads.length} columns`);
    let json = '';
    for (let at = 0; at < heads.length; at += 1) {
      const cell = cells[at];
      json += heads[at]! + (cell === null || cell === undefined ? 'null' : encoders[at]!(cell));
    }
    return `${json}}`;
  };
}

export interface RowCodec {
  readonly row: (cells: readonly Cell[]) => string;
  readonly key: (cells: readonly Cell[]) => string;
}

/** The encoders of a table's rows and of its keys (whose cells stand in key order). */
export function rowCodec(schema: RowSchema): RowCodec {
  return { row: compileRowEncoder(schema.columns), key: compileRowEncoder(keyColumns(schema)) };
}

/** The encoder of one column's cells that are not NULL. */
export function cellEncoder(column: Column): CellEncoder {
  const encode = encoderOf(column);
  if (!column.mask) return encode;
  const mask = masks[column.mask];
  return (cell) => JSON.stringify(mask(maskInput(JSON.parse(encode(cell)) as unknown)));
}

const maskInput = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));

const masks: Record<MaskKind, (text: string) => string> = {
  sha256: (text) => createHash('sha256').update(text).digest('hex'),
  redact: () => '***',
  last4: (text) => {
    // By code points: half of a surrogate pair is no character. Four or fewer would be shown whole.
    const characters = Array.from(text);
    return characters.length > 4 ? `***${characters.slice(-4).join('')}` : '***';
  },
};

/** MySQL pads ZEROFILL columns; the wire holds the number. */
const withoutZeros = (digits: string) => digits.replace(/^(-?)0+(?=\d)/, '$1');
const padded = (digits: string) => digits.charCodeAt(0) === 0x30 && digits.length > 1;

const quoted: CellEncoder = (cell) => `"${cell}"`;
const integer: CellEncoder = (cell) => (padded(cell) ? withoutZeros(cell) : cell);
const bigDigits: CellEncoder = (cell) => `"${integer(cell)}"`;
const base64: CellEncoder = (cell) => `"${Buffer.from(cell, 'hex').toString('base64')}"`;

const encoders: Record<Exclude<ColumnKind, 'bit' | 'timestamp'>, CellEncoder> = {
  int: integer,
  year: integer,
  bigint: bigDigits,
  decimal: bigDigits,
  // Number and back gives the shortest text of the same double; minus zero needs its sign kept by hand.
  float: (cell) => (Object.is(Number(cell), -0) ? '-0' : String(Number(cell))),
  date: quoted,
  time: quoted,
  datetime: (cell) => `"${wireDateTime(cell)}"`,
  text: JSON.stringify,
  enum: JSON.stringify,
  set: JSON.stringify,
  json: JSON.stringify,
  binary: base64,
  geometry: base64,
};

function encoderOf(column: Column): CellEncoder {
  const { sourceKind, fsp = 0, length = 1 } = column;
  if (sourceKind === 'timestamp') return (cell) => `"${timestampText(cell, fsp)}"`;
  if (sourceKind === 'bit') return length === 1 ? (cell) => (cell === '0' ? 'false' : 'true') : quoted;
  return encoders[sourceKind];
}
