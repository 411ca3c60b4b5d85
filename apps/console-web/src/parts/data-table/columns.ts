import type { ColumnDef } from '@tanstack/react-table';
import type { ReactNode } from 'react';
import type { features } from './features';

export interface Column<Row> {
  readonly header: string;
  /** What it is sorted and filtered by; `null`: not known, last in either order. */
  readonly value: (row: Row) => string | number | null;
  /** What is shown; default: the value. */
  readonly cell?: (row: Row) => ReactNode;
  /** Numbers stand at the end of the cell and sort with the largest first. */
  readonly number?: boolean;
  /** Sentences, which want some room. */
  readonly wide?: boolean;
}

/** Columns as the table library takes them. */
export const columnDefinitions = <Row extends object>(columns: readonly Column<Row>[]) =>
  columns.map(({ header, value, cell, number = false }): ColumnDef<typeof features, Row> => {
    const shown = cell ?? value;
    return {
      id: header,
      header,
      accessorFn: (row) => value(row) ?? undefined,
      cell: ({ row }) => shown(row.original),
      sortUndefined: 'last',
      sortDescFirst: number,
      ...(number ? {} : { sortFn: 'alphanumeric' as const }),
    };
  });
