import { rowSchema, type Column, type ColumnKind, type RowSchema, type WireRow } from '@tributary/contract';
import { parseSyncConfig, type TableSettings } from '@tributary/sync-config';

/** A nullable column for unit tests. */
export function column(name: string, kind: ColumnKind, extra: Partial<Column> = {}): Column {
  return { name, field: name, kind, sourceKind: kind, sqlType: kind, nullable: true, ...extra };
}

export function settingsOf(entry = ''): TableSettings {
  return parseSyncConfig(`tables: [{ table: shop.items${entry && `, ${entry}`} }]`).table('shop.items')!;
}

export function schemaOf(
  columns: readonly Column[],
  key: readonly string[] = [columns[0]!.field],
): RowSchema {
  return rowSchema({ table: 'shop.items', columns, key });
}

/** A row of one column beside its key. */
export const keyed = (value: WireRow[string]): WireRow => ({ id: 1, c: value });
