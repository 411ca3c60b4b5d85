/** Values that an administrator may have reasons for, and under which statements of ours would fail or lie. */
const common: Readonly<Record<string, string>> = {
  sql_safe_updates: '1',
  completion_type: "'CHAIN'",
  sql_mode:
    "'ANSI,NO_BACKSLASH_ESCAPES,STRICT_ALL_TABLES,NO_ZERO_DATE,NO_AUTO_VALUE_ON_ZERO,PAD_CHAR_TO_FULL_LENGTH'",
  time_zone: "'+09:30'",
  character_set_client: "'latin1'",
  character_set_results: "'latin1'",
  character_set_connection: "'latin1'",
  collation_connection: "'latin1_german2_ci'",
  foreign_key_checks: '0',
  unique_checks: '0',
  sql_auto_is_null: '1',
  sql_quote_show_create: '0',
  low_priority_updates: '1',
  default_storage_engine: "'MyISAM'",
  default_tmp_storage_engine: "'MyISAM'",
  div_precision_increment: '0',
  default_week_format: '6',
  group_concat_max_len: '4',
  max_sort_length: '8',
  sort_buffer_size: '32768',
  max_heap_table_size: '16384',
  tmp_table_size: '1024',
  max_error_count: '0',
  lock_wait_timeout: '1',
  innodb_lock_wait_timeout: '1',
  net_read_timeout: '1',
  net_write_timeout: '1',
  wait_timeout: '2',
  big_tables: '1',
  innodb_default_row_format: "'compact'",
  max_prepared_stmt_count: '0',
  // Last: what they forbid would forbid the others.
  init_connect: "'SET autocommit = 0, sql_select_limit = 1; BEGIN'",
  sql_select_limit: '2',
  sql_big_selects: '0',
  max_join_size: '1',
  autocommit: '0',
};

export const badSettings = {
  mysql: {
    max_execution_time: '1',
    information_schema_stats_expiry: '86400',
    range_optimizer_max_mem_size: '1',
    optimizer_switch: "'materialization=off,derived_merge=off,index_merge=off'",
    ...common,
    transaction_isolation: "'READ-UNCOMMITTED'",
    transaction_read_only: '1',
  },
  mariadb: {
    max_statement_time: '0.001',
    idle_transaction_timeout: '1',
    idle_readonly_transaction_timeout: '1',
    idle_write_transaction_timeout: '1',
    tmp_disk_table_size: '1024',
    check_constraint_checks: '0',
    default_regex_flags: "'DOTALL'",
    old_mode: "'ZERO_DATE_TIME_CAST'",
    lc_time_names: "'de_DE'",
    alter_algorithm: "'COPY'",
    enforce_storage_engine: "'InnoDB'",
    innodb_snapshot_isolation: '1',
    optimizer_switch: "'derived_merge=off,materialization=off,index_merge=off'",
    ...common,
    tx_isolation: "'READ-UNCOMMITTED'",
    tx_read_only: '1',
  },
} as const satisfies Record<'mysql' | 'mariadb', Readonly<Record<string, string>>>;

/** What only the command line can set. */
export const badOptions = {
  mysql: ['--disabled-storage-engines=MEMORY,MyISAM,CSV'],
  mariadb: [],
} as const satisfies Record<'mysql' | 'mariadb', readonly string[]>;

/** Values that capture cannot work under: name, value, what is said, and the value that ends it. */
export const refusedSettings = {
  mysql: [['max_allowed_packet', '65536', /max_allowed_packet is 65536 bytes/, '67108864']],
  mariadb: [
    ['max_allowed_packet', '65536', /max_allowed_packet is 65536 bytes/, '16777216'],
    ['enforce_storage_engine', "'Aria'", /enforce_storage_engine is Aria/, 'NULL'],
    ['system_versioning_asof', "'2026-01-01'", /system_versioning_asof is 2026-01-01/, 'DEFAULT'],
  ],
} as const satisfies Record<'mysql' | 'mariadb', readonly (readonly [string, string, RegExp, string])[]>;
