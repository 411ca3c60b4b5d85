import type { RowSchema } from '@tributary/contract';
import type { TableSettings } from '@tributary/sync-config';

/**
 * Keeps what `compile` made for a schema under the table's settings, for as long as these live. A table has few
 * schemas at a time, so the map by fingerprint stays small.
 */
export function perSchema<T>(
  compile: (schema: RowSchema, settings: TableSettings) => T,
): (schema: RowSchema, settings: TableSettings) => T {
  const cache = new WeakMap<TableSettings, Map<string, T>>();
  return (schema, settings) => {
    let compiled = cache.get(settings);
    if (!compiled) cache.set(settings, (compiled = new Map()));
    let made = compiled.get(schema.fingerprint);
    if (made === undefined) compiled.set(schema.fingerprint, (made = compile(schema, settings)));
    return made;
  };
}
