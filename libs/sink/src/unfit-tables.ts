import type { RowSchema } from '@tributary/contract';
import type { TableStates } from '@tributary/service';
import { targetSettings, type SyncConfig, type TableSettings } from '@tributary/sync-config';
import type { TargetRules } from '@tributary/targets';

export interface UnfitTablesParts {
  readonly target: Pick<TargetRules, 'name' | 'misfit' | 'misfitCodes'>;
  readonly config: Pick<SyncConfig, 'table'>;
  readonly tables: Pick<TableStates, 'suspend' | 'lift' | 'of' | 'settled'>;
  /** All schemas that are known, the oldest first. */
  schemas(): readonly RowSchema[];
}

/** Suspends tables whose rows cannot be written with the settings of the sync file, and lifts them when they can (R15). */
export class UnfitTables {
  constructor(private readonly parts: UnfitTablesParts) {}

  /** Asked of each schema that a batch holds; one that does not fit suspends its table. */
  fits(settings: TableSettings, schema: RowSchema): boolean {
    const { target, tables } = this.parts;
    const misfit = target.misfit(schema, settings);
    if (misfit) tables.suspend(settings.table, misfit);
    return !misfit;
  }

  /** Judges all tables by their newest schemas: at start, and every few seconds. */
  async look(): Promise<void> {
    const { target, config, tables, schemas } = this.parts;
    const suspended = target.misfitCodes.flatMap((code) => tables.of(code));
    // What was suspended since then has no note yet, and without one nobody would load what it missed.
    await tables.settled();
    const newest = new Map(schemas().map((schema) => [schema.table, schema]));
    const codes = new Map<string, string>();
    for (const [table, schema] of newest) {
      const settings = config.table(table);
      const misfit =
        settings && targetSettings(settings, target.name).enabled ? target.misfit(schema, settings) : null;
      if (!misfit) continue;
      tables.suspend(table, misfit);
      codes.set(table, misfit.code);
    }
    for (const { table, code } of suspended) if (codes.get(table) !== code) tables.lift(table, code);
  }
}
