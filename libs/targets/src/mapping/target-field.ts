import type { RowSchema } from '@tributary/contract';

/**
 * The names of a row's fields in a target, in column order. A column that has a name which the target uses itself
 * gets underscores at its end until the name is free (`_id` becomes `_id_`).
 */
export function targetFields(schema: RowSchema, reserved: ReadonlySet<string>): string[] {
  const taken = new Set(schema.columns.map(({ field }) => field));
  return schema.columns.map(({ field }) => {
    if (!reserved.has(field)) return field;
    let free = `${field}_`;
    while (taken.has(free) || reserved.has(free)) free += '_';
    taken.add(free);
    return free;
  });
}
