import { crc32 } from 'node:zlib';
import type { Cell } from '@tributary/contract';
import type { ShapeSeals } from './shape-seals';

/**
 * c insert, u update, d delete, r read by a repair, m marker (its shape is 0 and it says nothing of a row), k a change of
 * a row whose key the trigger could not tell, because an ALTER had taken a key column away (its key is empty).
 */
type LogOperation = 'c' | 'u' | 'd' | 'r' | 'm' | 'k';

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
  /**
   * What is wrong with the entry, as the end of a sentence: it may have said something else, also of another row, which
   * only a load of its table brings. `null`: nothing.
   */
  readonly damage: string | null;
}

/** Columns of a raw log row, in this order. */
export type RawEntry = readonly (Buffer | null)[];

const SEPARATOR = Buffer.from('|');
const EMPTY = Buffer.alloc(0);

/** CRC-32 of `row_key|before_image|after_image`, as the triggers compute it (`crcExpression`). */
function entryCrc(key: Buffer | null, before: Buffer | null, after: Buffer | null): number {
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
  const operation = op!.toString('latin1') as LogOperation;
  const images = { key: cells(key!), before: cells(before!), after: cells(after!) };
  const damage =
    operation === 'm'
      ? markerDamage(named, raw)
      : found === null
        ? 'its checksum does not fit its content'
        : changeDamage(named, operation, images);
  const intact = damage === null;
  return {
    id: BigInt(id!.toString('latin1')),
    shapeId: found ?? named,
    op: operation,
    rowKey: images.key || [],
    before: intact ? images.before || null : null,
    after: intact ? images.after || null : null,
    // A time that no clock has.
    atMs: at == null ? Date.now() : integer(at),
    bytes: integer(bytes!),
    intact,
    damage,
  };
}

/** Cells, `null` where there is no image, `false` where it is none. */
type Image = Cell[] | null | false;

function markerDamage(shapeId: number, [, , , , , , ...content]: RawEntry): string | null {
  if (shapeId !== 0) return 'it is a marker that names a table';
  return content.every((part) => part === null) ? null : 'it is a marker that says something of a row';
}

function changeDamage(
  shapeId: number,
  op: LogOperation,
  { key, before, after }: Record<'key' | 'before' | 'after', Image>,
): string | null {
  if (!operations.has(op)) return 'its operation is not known';
  if (shapeId === 0) return 'it names no table';
  if (op === 'k') return null;
  if (!key || key.includes(null)) return 'its key is no list of values';
  if (before === false || after === false) return 'an image of it is no list of values';
  if (op === 'd' && after) return 'it is a deletion that leaves a row';
  return null;
}

const operations = new Set<string>(['c', 'u', 'd', 'r', 'm', 'k'] satisfies LogOperation[]);

/** Decodes entries, each by the shape that it was really logged with. */
export async function decoded(rows: readonly RawEntry[], seals: ShapeSeals): Promise<LogEntry[]> {
  const sealed = rows.map((raw) => ({ raw, shapeId: integer(raw[1]!), seal: sealIn(raw) }));
  await seals.prepare(sealed);
  return sealed.map(({ raw, seal }) => decodeEntry(raw, seal, seals));
}

function cells(image: Buffer | null): Image {
  if (image === null) return null;
  try {
    const found = JSON.parse(image.toString('utf8')) as unknown;
    return Array.isArray(found) && found.every((cell) => cell === null || typeof cell === 'string')
      ? (found as Cell[])
      : false;
  } catch {
    return false;
  }
}

const integer = (digits: Buffer) => Number(digits.toString('latin1'));
