import type { Column } from './column';
import type { RowSchema } from './row-schema';
import { cellEncoder, rowCodec, type Cell } from './wire-encoder';

/** From this many bytes on, a value of a row that is read alone stays bytes instead of becoming a string. */
export const LARGE_CELL_BYTES = 1 << 20;

/** A cell of a row that was read alone: a large value is the bytes that the column holds, a text in UTF-8. */
export type RawCell = Cell | Buffer;

/** A row image as a message holds it: its JSON text, or where that is large the text's bytes in pieces. */
export type Image = string | readonly Buffer[];

/** Bytes of an image, for bounds: characters where it is a text. */
export const imageSize = (image: Image) =>
  typeof image === 'string' ? image.length : image.reduce((sum, { length }) => sum + length, 0);

export const imageText = (image: Image) =>
  typeof image === 'string' ? image : Buffer.concat(image).toString('utf8');

/** A multiple of 3, so that pieces in base64 join without padding between them. */
const PIECE_BYTES = 3 << 18;

/**
 * The encoder of rows that were read alone: the same JSON text as the row codec's, but a large value is never whole as
 * a string, of which several copies would exist at a time (R13).
 */
export function largeRowEncoder(schema: RowSchema): (cells: readonly RawCell[]) => Image {
  const codec = rowCodec(schema);
  const { columns } = schema;
  const encoders = columns.map(cellEncoder);
  return (cells) => {
    if (!cells.some(Buffer.isBuffer)) return codec.row(cells as readonly Cell[]);
    const pieces: Buffer[] = [];
    cells.forEach((cell, at) => {
      const column = columns[at]!;
      const head = `${at === 0 ? '{' : ','}${JSON.stringify(column.field)}:`;
      if (!Buffer.isBuffer(cell))
        pieces.push(Buffer.from(head + (cell === null ? 'null' : encoders[at]!(cell))));
      else if (column.mask) pieces.push(Buffer.from(head + encoders[at]!(cellText(column, cell)!)));
      else pieces.push(Buffer.from(`${head}"`), ...encoded(column, cell), Buffer.from('"'));
    });
    pieces.push(Buffer.from('}'));
    return pieces;
  };
}

/** The cell that the capture expression of its column would have given. */
export function cellText(column: Column, cell: RawCell): Cell {
  if (!Buffer.isBuffer(cell)) return cell;
  return isBinary(column) ? cell.toString('hex').toUpperCase() : cell.toString('utf8');
}

const isBinary = ({ sourceKind }: Column) => sourceKind === 'binary' || sourceKind === 'geometry';

function* encoded(column: Column, value: Buffer): Generator<Buffer> {
  const binary = isBinary(column);
  for (let from = 0; from < value.length;) {
    const to = binary ? from + PIECE_BYTES : characterStart(value, from + PIECE_BYTES);
    const piece = value.subarray(from, to);
    if (binary) yield Buffer.from(piece.toString('base64'), 'latin1');
    else yield Buffer.from(JSON.stringify(piece.toString('utf8')).slice(1, -1));
    from = to;
  }
}

/** The first position from `at` downwards where a character of a UTF-8 text begins. */
function characterStart(text: Buffer, at: number): number {
  while (at < text.length && (text[at]! & 0xc0) === 0x80) at -= 1;
  return at;
}
