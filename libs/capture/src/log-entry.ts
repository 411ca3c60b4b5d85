import { crc32 } from 'node:zlib';
import type { Cell } from '@tributary/change-event';
import type { ShapeSeals } from './shape-seals';

/**
 * c insert, u update, d delete, r read by a repair, m marker (its shape is 0 and it says nothing of a row), k a change of
 * a row whose key the trigger could not tell, because an ALTER had taken a key column away (its key is empty).
 */
export type LogOperation = 'c' | 'u' | 'd' | 'r' | 'm' | 'k';

/** One entry of the change log. */
export interface LogEntry {
  readonly id: bigint;
  /** `table_shape.id`, by whose schema the cells are decoded; 0 for a marker. */
  readonly shapeId: number;
  readonly op: LogOperation;
  /** Cells of the key columns in key order; empty for m and k. */
  readonly rowKey: readonly Cell[];
  /** The row before, when the table keeps before images. */
  readonly before: readonly Cell[] | null;
  /** The row after; `null` for d, and where the row was too large: then read it again (`rereadRow`). */
  readonly after: readonly Cell[] | null;
  /** When the trigger ran, UTC milliseconds. */
  readonly atMs: number;
  /** Bytes of key and images as stored. */
  readonly bytes: number;
  /** Whether the checksum of the trigger fits; if not, the images are not to be used: read the row again (R10). */
  readonly intact: boolean;
}

/** Columns of a raw log row, in this order. */
export type RawEntry = readonly (Buffer | null)[];

const SEPARATOR = Buffer.from('|');
const EMPTY = Buffer.alloc(0);

/** CRC-32 of `row_key|before_image|after_image`, as the triggers compute it (`crcExpression`). */
export function entryCrc(key: Buffer | null, before: Buffer | null, after: Buffer | null): number {
  const head = crc32(SEPARATOR, crc32(key ?? EMPTY));
  return crc32(after ?? EMPTY, crc32(SEPARATOR, crc32(before ?? EMPTY, head)));
}

/** What is left of an entry's checksum without its content: the seal of the shape that logged it. */
const sealIn = ([, , , crc, , , key, before, after]: RawEntry): number =>
  crc == null ? 0 : (integer(crc) ^ entryCrc(key!, before!, after!)) >>> 0;

/** Decodes `id, shape_id, op, crc, at (ms), bytes, row_key, before_image, after_image`. */
function decodeEntry(raw: RawEntry, seal: number, seals: ShapeSeals): LogEntry {
  const [id, shape, op, crc, at, bytes, key, before, after] = raw;
  const named = integer(shape!);
  const found = named === 0 ? 0 : crc == null ? null : seals.shapeOf(named, seal);
  const intact = found !== null;
  const shapeId = found ?? named;
  return {
    id: BigInt(id!.toString('latin1')),
    shapeId,
    op: op!.toString('latin1') as LogOperation,
    rowKey: cells(key!) ?? [],
    before: intact ? cells(before!) : null,
    after: intact ? cells(after!) : null,
    atMs: integer(at!),
    bytes: integer(bytes!),
    intact,
  };
}

/** Decodes entries, each by the shape that it was really logged with. */
export async function decoded(rows: readonly RawEntry[], seals: ShapeSeals): Promise<LogEntry[]> {
  const sealed = rows.map((raw) => ({ raw, shapeId: integer(raw[1]!), seal: sealIn(raw) }));
  await seals.prepare(sealed);
  return sealed.map(({ raw, seal }) => decodeEntry(raw, seal, seals));
}

/** An image that is no JSON array (altered in the log) has no cells; its checksum fails as well. */
function cells(image: Buffer | null): Cell[] | null {
  if (image === null) return null;
  try {
    return JSON.parse(image.toString('utf8')) as Cell[];
  } catch {
    return null;
  }
}

const integer = (digits: Buffer) => Number(digits.toString('latin1'));
