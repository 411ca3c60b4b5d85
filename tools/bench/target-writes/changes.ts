import { formatVersion, rowSchema, type Column, type RowSchema } from '@tributary/contract';
import { parseSyncConfig, type TableSettings } from '@tributary/sync-config';
import type { RowChange } from '@tributary/targets';

export const DATABASE = 'tributary_bench_writes';

const column = (name: string, kind: Column['kind'], extra: Partial<Column> = {}): Column => ({
  ...{ name, field: name, kind, sourceKind: kind, sqlType: kind, nullable: true },
  ...extra,
});

/** The users of GH Archive: a number, four texts and a time. */
const columns = [
  column('user_id', 'bigint', { nullable: false }),
  ...['login', 'gravatar_id', 'avatar_url', 'url'].map((name) => column(name, 'text', { length: 255 })),
  column('updated_at', 'datetime', { fsp: 6 }),
];

export interface BenchTable {
  readonly settings: TableSettings;
  readonly schema: RowSchema;
}

export function benchTable(layout: string): BenchTable {
  const table = `${DATABASE}.users`;
  const config = parseSyncConfig(`tables: [{ table: ${table}, redis: { as: ${layout} } }]`);
  return {
    settings: config.table(table)!,
    schema: rowSchema({ table, columns, key: ['user_id'] }),
  };
}

export function changeOf(
  { settings, schema }: BenchTable,
  id: number,
  log: number,
  op: RowChange['op'],
): RowChange {
  const key = { user_id: String(id) };
  const row = {
    ...key,
    login: `user-${id}.v${log}`,
    gravatar_id: id % 10 === 0 ? null : 'a1b2c3d4'.repeat(4),
    avatar_url: `https://avatars.example.com/u/${id}?v=${log}`,
    url: id % 33 === 0 ? null : `https://api.example.com/users/user-${id}`,
    updated_at: '2024-05-06T07:08:09.123456',
  };
  return {
    ...{ table: settings, schema, op, key, keyText: key.user_id, after: op === 'd' ? null : row },
    ...{ version: formatVersion(1, BigInt(log)), tsMs: 0, bytes: 500, index: 0 },
  };
}
