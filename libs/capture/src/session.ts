import { hasErrno, mysqlErrno } from '@tributary/kernel';
import { createPool, type Pool, type PoolOptions } from 'mysql2';

/**
 * What every session of ours has, whatever the server's settings are: all that could change a result or fail a
 * statement. The server's own values are often right for an application and wrong for us: a limit on rows or seconds, a
 * zone, isolation that reads what was never committed. Each server reads its own comments only.
 */
const common: Readonly<Record<string, string>> = {
  // First: until these stand, a query may give no rows or be refused.
  sql_select_limit: '18446744073709551615',
  // Setting the one switches the other off.
  max_join_size: '18446744073709551615',
  sql_big_selects: '1',
  sql_safe_updates: '0',
  autocommit: '1',
  completion_type: "'NO_CHAIN'",
  sql_mode: "''",
  time_zone: "'+00:00'",
  character_set_client: "'utf8mb4'",
  character_set_results: "'utf8mb4'",
  collation_connection: "'utf8mb4_general_ci'",
  lc_time_names: "'en_US'",
  lc_messages: "'en_US'",
  foreign_key_checks: '1',
  unique_checks: '1',
  sql_auto_is_null: '0',
  sql_quote_show_create: '1',
  low_priority_updates: '0',
  default_storage_engine: "'InnoDB'",
  default_tmp_storage_engine: "'InnoDB'",
  optimizer_switch: "'default'",
  div_precision_increment: '4',
  default_week_format: '0',
  group_concat_max_len: '67108864',
  max_sort_length: '8192',
  sort_buffer_size: '16777216',
  max_heap_table_size: '67108864',
  tmp_table_size: '67108864',
  max_error_count: '64',
  lock_wait_timeout: '86400',
  innodb_lock_wait_timeout: '50',
  net_read_timeout: '60',
  net_write_timeout: '600',
  wait_timeout: '28800',
};

const ofMysql: Readonly<Record<string, string>> = {
  max_execution_time: '0',
  information_schema_stats_expiry: '0',
  range_optimizer_max_mem_size: '0',
  updatable_views_with_limit: '1',
};

const ofMariadb: Readonly<Record<string, string>> = {
  max_statement_time: '0',
  idle_transaction_timeout: '0',
  idle_readonly_transaction_timeout: '0',
  idle_write_transaction_timeout: '0',
  tmp_disk_table_size: '18446744073709551615',
  check_constraint_checks: '1',
  default_regex_flags: "''",
  // No other value stands for now.
  system_versioning_asof: 'DEFAULT',
};

/** Of some releases only, from the one that is named: others have no need of it. */
const ofLaterMariadb = [
  { since: '100601', name: 'old_mode', value: "'UTF8_IS_UTF8MB3'" },
  { since: '110201', name: 'character_set_collations', value: "''" },
] as const;

const list = (variables: Readonly<Record<string, string>>) =>
  Object.entries(variables)
    .map(([name, value]) => `${name} = ${value}`)
    .join(', ');

const later = ofLaterMariadb
  .map(({ since, name, value }) => ` /*M!${since} , ${name} = ${value} */`)
  .join('');

/** What pins a session on every release; the first ends what init_connect may have begun. */
export const sessionStatements = [
  'ROLLBACK AND NO CHAIN NO RELEASE',
  `SET SESSION ${list(common)} /*!80000 , ${list(ofMysql)} */ /*M! , ${list(ofMariadb)} */${later}`,
  'SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ WRITE',
];

/** Some releases and builds have it and others not, and a comment cannot tell them apart. */
const whereKnown = { innodb_snapshot_isolation: '0', query_cache_type: '0' };

/** As the triggers have them: InnoDB sets a counter back when sessions with other steps share it. */
const steps: Readonly<Record<string, string>> = { auto_increment_increment: '1', auto_increment_offset: '1' };

/** Pinned variables and their values as SQL, for tests. */
export const pinnedVariables = {
  common: { ...common, ...steps },
  mysql: ofMysql,
  mariadb: {
    ...ofMariadb,
    ...Object.fromEntries(ofLaterMariadb.map(({ name, value }) => [name, value])),
    ...whereKnown,
  },
};

interface RawConnection {
  query(sql: string, done: (error: Error | null) => void): unknown;
}

/**
 * Queues the statements that pin a session of mysql2 (not of its promise face): whatever is queued behind them finds
 * it pinned. `done` is called once, with the first error.
 */
export function pinSession(connection: RawConnection, done: (error: Error | null) => void): void {
  let failed: Error | null = null;
  for (const statement of sessionStatements) connection.query(statement, (error) => (failed ??= error));
  for (const [name, value] of Object.entries(whereKnown))
    connection.query(`SET @tributary = 0 /*M! , SESSION ${name} = ${value} */`, (error) => {
      if (!hasErrno(error, mysqlErrno.UNKNOWN_SYSTEM_VARIABLE)) failed ??= error;
    });
  connection.query(`SET SESSION ${list(steps)}`, (error) => {
    if (!hasErrno(error, mysqlErrno.SPECIFIC_ACCESS_DENIED)) failed ??= error;
  });
  connection.query('DO 0', (error) => done(failed ?? error));
}

/**
 * The driver for TypeORM, whose pool opens connections when it wants to: each is pinned before it is lent, or ended. Its
 * borrower then finds it closed, and asks for another one.
 */
export const pinnedDriver = {
  createPool(options: PoolOptions): Pool {
    const pool = createPool(options);
    pool.on('connection', (connection) =>
      pinSession(connection, (error) => {
        if (error) connection.destroy();
      }),
    );
    return pool;
  },
};
