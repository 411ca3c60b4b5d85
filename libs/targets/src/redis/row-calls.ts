import type { Version } from '@tributary/contract';
import type { TableSettings } from '@tributary/sync-config';
import { redisMapper, type RedisText } from '../mapping';
import { unmappable, type Outcome, type RowChange } from '../row-change';
import { rowKeys, tombstoneKey, type CalledRow } from './row-keys';
import { applyFields } from './scripts/apply-fields';
import { applyHash } from './scripts/apply-hash';
import { applyJson } from './scripts/apply-json';
import type { Script } from './scripts/script';

/** One call of a layout's script: rows of one table and schema. */
export interface RowCall {
  readonly script: Script;
  readonly keys: string[];
  /** Arguments that stand before the rows' ones. */
  readonly head: RedisText[];
  /** Whether values may be bytes instead of texts. */
  readonly binary: boolean;
  readonly rows: CalledRow[];
}

const TOMBSTONE_SECONDS = 14 * 86_400;

/** Bounds of one call: Redis serves nobody else while a script runs. */
const CALL_ROWS = 100;
const CALL_BYTES = 512 * 1024;
const CALL_ARGUMENTS = 20_000;

/** Deletes of rows that are known by their keys in Redis alone. */
export function deleteCalls(
  table: TableSettings,
  version: Version,
  rows: readonly { readonly key: string; readonly member: string }[],
): RowCall[] {
  const called = rows.map(({ key, member }, place): CalledRow => ({
    place,
    key,
    tombstone: tombstoneKey(key),
    args: [version, member, ''],
  }));
  const calls: RowCall[] = [];
  for (let at = 0; at < called.length; at += CALL_ROWS)
    calls.push({ ...emptyCall(table, []), rows: called.slice(at, at + CALL_ROWS) });
  return calls;
}

const layouts = { hash: applyHash, json: applyJson, fields: applyFields };

/** Maps changes and packs what they write into calls; rows that cannot be mapped get their outcome and no call. */
export function rowCalls(changes: readonly RowChange[], outcomes: Outcome[]): RowCall[] {
  const open = new Map<string, { call: RowCall; bytes: number; args: number }>();
  const calls: RowCall[] = [];
  const rows: CalledRow[] = [];
  changes.forEach((change, place) => {
    rows.length = 0;
    try {
      rowKeys(change.schema, change.table).map(change, place, rows);
    } catch (error) {
      outcomes[place] = unmappable(error);
      return;
    }
    const group = `${change.table.table}\0${change.schema.fingerprint}`;
    for (const row of rows) {
      let current = open.get(group);
      const full =
        current &&
        (current.call.rows.length >= CALL_ROWS ||
          current.bytes + change.bytes > CALL_BYTES ||
          current.args + row.args.length > CALL_ARGUMENTS);
      if (!current || full) {
        current = { call: newCall(change), bytes: 0, args: 0 };
        open.set(group, current);
        calls.push(current.call);
      }
      current.call.rows.push(row);
      current.bytes += change.bytes;
      current.args += row.args.length;
    }
  });
  return calls;
}

function newCall({ table, schema }: RowChange): RowCall {
  const call = emptyCall(table, table.redis.as === 'json' ? ['row'] : redisMapper(schema, table).names);
  return { ...call, binary: schema.columns.some(({ kind }) => kind === 'binary') };
}

function emptyCall({ redis: { as, index } }: TableSettings, names: readonly string[]): RowCall {
  const keys = as === 'fields' ? [index, `tributary:fields:${index}`] : [index];
  const head = [String(TOMBSTONE_SECONDS), String(names.length), ...names];
  return { script: layouts[as], keys, head, binary: false, rows: [] };
}
