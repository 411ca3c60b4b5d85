import type { Column } from '@tributary/change-event';
import { isLong } from './column-type';
import type { TablePlan } from './describe';
import { imageExpression } from './expressions';

/** Rows whose long columns hold more bytes than this are logged by key only, and read again by the relay. */
export const IMAGE_LIMIT = 256 * 1024;

/** Hexadecimal doubles a value and JSON may escape a byte with six. */
const GROWTH = 8;

/** SQL for the bytes that a row's long columns hold; `null` when it has none. */
export function longBytes({ schema }: TablePlan, refOf: (column: Column) => string): string | null {
  const long = schema.columns.filter(isLong);
  return long.length === 0
    ? null
    : long.map((column) => `IFNULL(OCTET_LENGTH(${refOf(column)}),0)`).join('+');
}

/**
 * A row image for the log, or NULL where a value could pass the session's max_allowed_packet, beyond which string
 * functions give NULL: MariaDB would log that as the value, silently.
 */
export function guardedImage(plan: TablePlan, refOf: (column: Column) => string): string {
  const { columns } = plan.schema;
  const image = imageExpression(columns, refOf, plan.flavour);
  const bytes = longBytes(plan, refOf);
  const conditions: string[] = [];
  if (bytes !== null) {
    conditions.push(`${bytes} > LEAST(${IMAGE_LIMIT}, @@max_allowed_packet DIV ${GROWTH})`);
  }
  const longest = Math.max(0, ...columns.filter((column) => !isLong(column)).map(shortBytes));
  if (longest * GROWTH > SMALLEST_PACKET) conditions.push(`@@max_allowed_packet < ${longest * GROWTH}`);
  return conditions.length === 0 ? image : `IF(${conditions.join(' OR ')}, NULL, ${image})`;
}

/** No server goes below. */
const SMALLEST_PACKET = 1024;
/** A row's columns that are not long share this many bytes. */
const ROW_BYTES = 65_535;

/** Bytes of a value of text, at most; other types are short. */
function shortBytes({ sourceKind, sqlType }: Column): number {
  const declared = Number(/\((\d+)\)/.exec(sqlType)?.[1] ?? 255);
  if (sourceKind === 'binary') return Math.min(ROW_BYTES, declared);
  if (sourceKind === 'text') return Math.min(ROW_BYTES, declared * 4);
  // A SET can have all of its members.
  return sourceKind === 'set' ? Math.min(ROW_BYTES, sqlType.length * 4) : 0;
}
