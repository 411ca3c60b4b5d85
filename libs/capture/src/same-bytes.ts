import type { Column, ColumnKind } from '@tributary/contract';
import { captureExpression } from './expressions';
import type { Flavour } from './flavour';
import { quoteIdentifier } from './identifiers';

/** Kinds of which two values that the server takes for equal have the same bytes, hence the same text. */
const exact = new Set<ColumnKind>([
  ...(['int', 'bigint', 'year', 'decimal', 'bit'] as const),
  ...(['date', 'datetime', 'time', 'binary'] as const),
]);

/**
 * SQL, true or false: whether an update leaves these columns as they are, byte for byte. A comparison of texts goes by
 * their collation (`a` is `A`), of numbers by value (-0 is 0, and 1 is 1.0 in JSON), of a TIMESTAMP by the session's
 * local time, which comes twice when clocks are set back: these compare as bytes of what an image would hold.
 */
export const sameBytes = (columns: readonly Column[], flavour: Flavour): string =>
  columns
    .map((column) => `${side('OLD', column, flavour)} <=> ${side('NEW', column, flavour)}`)
    .join(' AND ');

function side(row: 'OLD' | 'NEW', column: Column, flavour: Flavour): string {
  const ref = `${row}.${quoteIdentifier(column.name)}`;
  if (exact.has(column.sourceKind)) return ref;
  // The number of a member, or the members' bits.
  if (column.sourceKind === 'enum' || column.sourceKind === 'set') return `${ref}+0`;
  if (column.sourceKind === 'text' && column.charset !== undefined) return `BINARY ${ref}`;
  return `BINARY ${captureExpression(column, ref, flavour)}`;
}
