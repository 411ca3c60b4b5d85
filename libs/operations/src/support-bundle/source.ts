import { detectServer, type Connection } from '@tributary/capture';
import type { SnapshotProgress } from '@tributary/snapshot';
import type { RowDataPacket } from 'mysql2/promise';
import type { Redactor } from './redactor';

/** What it is, and the settings that capture depends on. */
export async function sourceServer(connection: Connection) {
  const [settings] = await connection.query<RowDataPacket[]>(
    `SHOW GLOBAL VARIABLES WHERE variable_name IN ('binlog_format', 'gtid_mode', 'innodb_autoinc_lock_mode', 'log_bin',
       'log_bin_trust_function_creators', 'lower_case_table_names', 'max_allowed_packet', 'read_only', 'sql_mode',
       'system_time_zone', 'time_zone', 'transaction_isolation', 'tx_isolation')`,
  );
  const pairs = settings.map((row) => Object.values(row) as [string, string]);
  return { ...(await detectServer(connection)), settings: Object.fromEntries(pairs) };
}

/** Their conditions may hold values of rows. */
export const shownSnapshots = (jobs: readonly SnapshotProgress[], redactor: Redactor) =>
  jobs.map(({ where, ...job }) => {
    if (where !== null) redactor.addCondition(where);
    return { ...job, where: where === null ? null : '[redacted]' };
  });
