import { openMysql, viewTables, type TableView } from '@tributary/capture';
import type { TablePlan } from '@tributary/capture';
import { fatal } from '@tributary/kernel';
import type { SyncConfig } from '@tributary/sync-config';
import type { ScanTask } from './scan-task';

/** Where the tables are, and which. */
export interface ScanSource {
  readonly mysqlUrl: string;
  readonly config: SyncConfig;
}

/** The tables of the sync file as they stand on the source, read when the first task names one. */
export class ScannedTables {
  #views: Promise<ReadonlyMap<string, TableView>> | undefined;

  constructor(private readonly source: ScanSource) {}

  /** Throws a fatal SyncError when the table is another one than the command has planned, or the sync file another. */
  async of({ table, fingerprint, config }: ScanTask): Promise<TablePlan> {
    if (this.source.config.hash !== config)
      throw fatal(
        'CONFIG',
        'The sync file of the workers is another than that of the command: give both the same (SYNC_CONFIG).',
      );
    const plan = (await (this.#views ??= this.#read())).get(table)?.plan;
    if (plan?.schema.fingerprint === fingerprint) return plan;
    throw fatal('TABLE_CHANGED', `${table} was altered while it was verified: run the command again.`);
  }

  async #read(): Promise<ReadonlyMap<string, TableView>> {
    const connection = await openMysql(this.source.mysqlUrl);
    try {
      return await viewTables(connection, this.source.config);
    } finally {
      connection.destroy();
    }
  }
}
