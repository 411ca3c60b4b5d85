import type { Column } from './column';
import type { RowSchema } from './row-schema';
import { cellEncoder, rowCodec, type Cell } from './wire-encoder';

/** From this many bytes on, a value of a row that is read alone stays bytes instead of becoming a string. */
export const LARGE_CELL_BYTES = 64 << 10;

/**
 * A value that stays bytes: what the column holds, a text in UTF-8. A piece never ends within a character of a text,
 * and pieces of binary data, the last one aside, have a multiple of 3 bytes, so that each can be encoded alone.
 */
type LargeCell = readonly Buffer[];
/** A cell of a row that was read alone. */
export type RawCell = Cell | LargeCell;

/** A row image as a message holds it: its JSON text, or where that is large the text's bytes in pieces. */
export type Image = string | readonly Buffer[];

/** Bytes of an image, for bounds: characters where it is a text. */
export const imageSize = (image: Image) =>
  typeof image === 'string' ? image.length : image.reduce((sum, { length }) => sum + length, 0);

export const imageText = (image: Image) =>
  typeof image === 'string' ? image : Buffer.concat(image).toString('utf8');

/**
 * The encoder of rows that were read alone: the same JSON text as the row codec's, but a large value is never whole as
 * a string, of which several copies would exist at a time (R13).
 */
export function largeRowEncoder(schema: RowSchema): (cells: readonly RawCell[]) => Image {
  const codec = rowCodec(schema);
  const { columns } = schema;
  const encoders = columns.map(cellEncoder);
  return (cells) => {
    if (!cells.some(isLarge)) return codec.row(cells as readonly Cell[]);
    const pieces: Buffer[] = [];
    cells.forEach((cell, at) => {
      const column = columns[at]!;
      const head = `${at === 0 ? '{' : ','}${JSON.stringify(column.field)}:`;
      if (isLarge(cell) && !column.mask) {
        pieces.push(Buffer.from(`${head}"`));
        for (const piece of cell) pieces.push(encodedPiece(column, piece));
        pieces.push(Buffer.from('"'));
      } else {
        const text = cellText(column, cell);
        pieces.push(Buffer.from(head + (text === null ? 'null' : encoders[at]!(text))));
      }
    });
    pieces.push(Buffer.from('}'));
    return pieces;
  };
}

const isLarge = (cell: RawCell): cell is LargeCell => Array.isArray(cell);

/** The cell that the capture expression of its column would have given. */
export function cellText(column: Column, cell: RawCell): Cell {
  if (!isLarge(cell)) return cell;
  const value = Buffer.concat(cell);
  return isBinary(column) ? value.toString('hex').toUpperCase() : value.toString('utf8');
}

const isBinary = ({ sourceKind }: Column) => sourceKind === 'binary' || sourceKind === 'geometry';

const encodedPiece = (column: Column, piece: Buffer) =>
  isBinary(column)
    ? Buffer.from(piece.toString('base64'), 'latin1')
    : Buffer.from(JSON.stringify(piece.toString('utf8')).slice(1, -1));
