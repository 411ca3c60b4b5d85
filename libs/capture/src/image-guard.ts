import type { Column } from '@tributary/contract';
import { isLong } from './column-type';
import type { TablePlan } from './describe';
import { imageExpression } from './expressions';
import { imageText } from './image-text';

/** Rows whose long columns hold more bytes than this are logged by key only, and read again by the relay. */
const IMAGE_LIMIT = 256 * 1024;

/** Hexadecimal doubles a value and JSON may escape a byte with six. */
const GROWTH = 8;

/** SQL for the bytes that a row's long columns hold; `null` when it has none. */
function longBytes({ schema }: TablePlan, refOf: (column: Column) => string): string | null {
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
  const bytes = longBytes(plan, refOf);
  const short = shortPacket(plan);
  return unless(
    [
      ...(bytes === null ? [] : [`${bytes} > LEAST(${IMAGE_LIMIT}, @@max_allowed_packet DIV ${GROWTH})`]),
      ...(short > SMALLEST_PACKET ? [`@@max_allowed_packet < ${short}`] : []),
    ],
    imageExpression(plan.schema.columns, refOf, plan.flavour),
  );
}

/** The same where the session's packets are large enough (`roomyPacket`). */
export function roomyImage(plan: TablePlan, refOf: (column: Column) => string): string {
  const long = tooLong(plan, refOf);
  return unless(long === null ? [] : [long], imageText(plan.schema.columns, refOf, plan.flavour));
}

/** SQL: whether a row's long columns hold more than an image may; `null` when it has none. */
export function tooLong(plan: TablePlan, refOf: (column: Column) => string): string | null {
  const bytes = longBytes(plan, refOf);
  return bytes === null ? null : `${bytes} > ${IMAGE_LIMIT}`;
}

/** SQL: whether the session's packets hold whatever is logged of a row; `null`: they always do. */
export function roomyPacket(plan: TablePlan): string | null {
  const packet = Math.max(plan.schema.columns.some(isLong) ? IMAGE_LIMIT * GROWTH : 0, shortPacket(plan));
  return packet > SMALLEST_PACKET ? `@@max_allowed_packet >= ${packet}` : null;
}

/** The packet that any value of the columns that are not long fits into. */
const shortPacket = ({ schema }: TablePlan) =>
  Math.max(0, ...schema.columns.filter((column) => !isLong(column)).map(shortBytes)) * GROWTH;

const unless = (doubts: readonly string[], image: string) =>
  doubts.length === 0 ? image : `IF(${doubts.join(' OR ')}, NULL, ${image})`;

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
