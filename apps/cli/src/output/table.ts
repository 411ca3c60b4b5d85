import Table from 'cli-table3';
import { printable } from './format';

export interface Column<T> {
  readonly head: string;
  readonly value: (row: T) => string | number;
  /** Numbers stand to the right. */
  readonly right?: boolean;
}

/** Rows as text: framed on a terminal, plain columns when piped, so that `awk` and `grep` can read them. */
export function tableText<T>(columns: readonly Column<T>[], rows: readonly T[], terminal: boolean): string {
  const cells = rows.map((row) => columns.map(({ value }) => printable(String(value(row)))));
  return terminal ? framed(columns, cells) : plain(columns, cells);
}

function framed(columns: readonly Column<never>[], cells: readonly string[][]): string {
  const table = new Table({
    head: columns.map(({ head }) => head),
    colAligns: columns.map(({ right }) => (right ? 'right' : 'left')),
    style: { head: ['bold'], compact: true },
  });
  table.push(...cells);
  return table.toString();
}

function plain(columns: readonly Column<never>[], cells: readonly string[][]): string {
  const lines = [columns.map(({ head }) => head), ...cells];
  const widths = columns.map((_, at) => Math.max(...lines.map((line) => line[at]!.length)));
  return lines
    .map((line) =>
      line
        .map((cell, at) => (columns[at]!.right ? cell.padStart(widths[at]!) : cell.padEnd(widths[at]!)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
