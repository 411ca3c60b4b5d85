import { formatVersion, rowSchema, type Column, type RowSchema, type WireRow } from '@tributary/contract';
import { parseSyncConfig, targetSpecs, type TableSettings, type TargetSpec } from '@tributary/sync-config';
import type { RowChange } from '../src';

const id: Column = {
  name: 'id',
  field: 'id',
  kind: 'int',
  sourceKind: 'int',
  sqlType: 'int',
  nullable: false,
};
const text: Column = {
  ...{
    name: 'name',
    field: 'name',
    kind: 'text',
    sourceKind: 'text',
    sqlType: 'varchar(50)',
    nullable: true,
  },
  ...{ length: 50, charset: 'utf8mb4' },
};
const qty: Column = { ...id, name: 'qty', field: 'qty', nullable: true };

export const itemColumns = [id, text, qty];

export type Layout = 'hash' | 'json' | 'fields';

/** Settings of the table `<database>.items` and its schema. */
export function itemsTable(
  database: string,
  layout: Layout = 'hash',
  extra = '',
  columns: readonly Column[] = itemColumns,
  specs: readonly TargetSpec[] = targetSpecs,
): { settings: TableSettings; schema: RowSchema } {
  const config = parseSyncConfig(
    `tables:\n  - table: ${database}.items\n    redis: { as: ${layout} }\n${extra}`,
    undefined,
    specs,
  );
  const settings = config.table(`${database}.items`)!;
  return { settings, schema: rowSchema({ table: settings.table, columns, key: ['id'] }) };
}

export const version = (log: number, epoch = 1) => formatVersion(epoch, BigInt(log));

/** Makes changes of one table. */
export function changesOf({ settings, schema }: { settings: TableSettings; schema: RowSchema }) {
  const make = (key: number, log: number, after: WireRow | null, op: RowChange['op']): RowChange => ({
    ...{ table: settings, schema, op, key: { id: key }, keyText: String(key), after },
    ...{ version: version(log), tsMs: 1_700_000_000_000, bytes: 200, index: 0 },
  });
  return {
    put: (key: number, log: number, row: Partial<WireRow> = {}, op: RowChange['op'] = 'u') =>
      make(key, log, { id: key, name: `n${log}`, qty: log, ...row } as WireRow, op),
    remove: (key: number, log: number) => make(key, log, null, 'd'),
  };
}
