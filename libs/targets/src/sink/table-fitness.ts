import type { RowSchema } from '@tributary/contract';
import type { TableSettings } from '@tributary/sync-config';

/** Why a table of this schema cannot be written to a target with the settings of the sync file. */
export interface Misfit {
  /** Upper case, stable. */
  readonly code: string;
  readonly reason: string;
  readonly remedy: string;
}

/** The code of rows that no mapping takes, whatever the target. */
export const MAPPING = 'MAPPING';

/** `undefined`: the target can hold no row of that schema, or of that key, as those of dead letters may be. */
export function namedBy<N>(
  misfit: (schema: RowSchema, settings: TableSettings) => Misfit | null,
  { table, schema }: { readonly table: TableSettings; readonly schema: RowSchema },
  name: () => N,
): N | undefined {
  if (misfit(schema, table)) return undefined;
  try {
    return name();
  } catch {
    return undefined;
  }
}

/** What `judge` finds; that it cannot compile a mapping is a misfit too. */
export function judged(settings: TableSettings, judge: () => Misfit | null): Misfit | null {
  try {
    return judge();
  } catch (error) {
    return {
      ...{
        code: MAPPING,
        reason: `rows of ${settings.table} cannot be mapped: ${(error as Error).message}.`,
      },
      remedy:
        'See its columns with "tributary config check", and leave out what cannot be mapped (columns.exclude).',
    };
  }
}
