import { form, spanValue, type Column, type ColumnKind, type ImageSpans } from '@tributary/contract';
import {
  base64Bytes,
  booleanBytes,
  decimalBytes,
  digitsBytes,
  floatBytes,
  integerBytes,
  memberBytes,
  textBytes,
  type ByteCheck,
} from './byte-checks';
import { cellCheck } from './cell-check';
import { bigintBounds, integerBounds } from './bounds';
import { jsonBytes } from './json-bytes-check';
import { dateBytes, dateTimeBytes, timeBytes, timestampBytes } from './temporal-bytes';

/** Whether an image passes `compileRowValidator` of the columns, told from where its values stand. */
export type SpanCheck = (bytes: Buffer, spans: ImageSpans) => boolean;

/**
 * Compiles the check of one table's row images where they stand in the message. A value that its bytes do not settle is
 * made after all and judged by the rule that the row validator has for it.
 */
export function compileSpanCheck(columns: readonly Column[]): SpanCheck {
  const checks = columns.map((column) => ({
    nullable: column.nullable,
    settled: byteChecks[column.kind](column),
    fault: cellCheck(column),
  }));
  return (bytes, spans) => {
    const { starts, ends, forms } = spans;
    for (let nth = 0; nth < checks.length; nth += 1) {
      const { nullable, settled, fault } = checks[nth]!;
      const its = forms[nth]!;
      const good =
        its === form.null
          ? nullable
          : settled(bytes, starts[nth]!, ends[nth]!, its) ||
            fault(spanValue(bytes, spans, nth)) === undefined;
      if (!good) return false;
    }
    return true;
  };
}

const open: ByteCheck = () => false;

const byteChecks: Record<ColumnKind, (column: Column) => ByteCheck> = {
  int: (column) => integerBytes(...integerBounds(column)),
  year: () => integerBytes(1901, 2155),
  bigint: (column) => digitsBytes(...bigintBounds(column)),
  decimal: decimalBytes,
  float: floatBytes,
  bit: ({ length = 1 }) => (length === 1 ? booleanBytes : digitsBytes(0n, 2n ** BigInt(length) - 1n)),
  date: () => dateBytes,
  datetime: dateTimeBytes,
  timestamp: timestampBytes,
  time: timeBytes,
  text: textBytes,
  enum: ({ values }) => (values ? memberBytes(values) : textBytes({})),
  set: ({ values }) => (values ? memberBytes(values) : textBytes({})),
  binary: base64Bytes,
  json: () => jsonBytes,
  geometry: () => open,
};
