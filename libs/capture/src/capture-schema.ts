import type { Connection } from 'mysql2/promise';
import { quoteIdentifier } from './identifiers';
import { errorNumber, execute, select } from './query';
import { forcedIds } from './trigger-frame';

/** The tables of the capture schema; libs/entities has them as TypeORM entities. */
export const captureTables = {
  change_log: `
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    shape_id INT UNSIGNED NOT NULL COMMENT '0: marker',
    op CHAR(1) CHARACTER SET ascii NOT NULL COMMENT 'c u d r m k',
    row_key LONGTEXT NULL,
    before_image LONGTEXT NULL,
    after_image LONGTEXT NULL,
    crc INT UNSIGNED NULL,
    at DATETIME(6) NOT NULL COMMENT 'UTC'`,
  table_shape: `
    id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    table_name VARCHAR(255) COLLATE utf8mb4_bin NOT NULL COMMENT 'database.table',
    fingerprint CHAR(16) CHARACTER SET ascii NOT NULL,
    schema_json LONGTEXT NOT NULL,
    created_at DATETIME(6) NOT NULL,
    UNIQUE KEY table_fingerprint (table_name, fingerprint)`,
  relay_state: `
    shard INT NOT NULL PRIMARY KEY,
    lease BIGINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'fences the deletes of an old leader',
    owner VARCHAR(255) NOT NULL DEFAULT '',
    epoch INT UNSIGNED NOT NULL DEFAULT 0 COMMENT '0: not decided yet',
    high_id BIGINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'no record was published under a higher id that is not in the log',
    updated_at DATETIME(6) NOT NULL,
    pipeline CHAR(32) CHARACTER SET ascii NULL COMMENT 'of the pipeline for as long as it lives',
    incarnation CHAR(32) CHARACTER SET ascii NULL COMMENT 'another one whenever the ids may have begun again',
    announced CHAR(32) CHARACTER SET ascii NULL COMMENT 'the incarnation that Kafka was told last',
    tracked_lease BIGINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'the lease, while each leader kept the column published',
    published TEXT CHARACTER SET ascii NULL COMMENT 'JSON: up to where the topic holds what was acknowledged',
    raised_at DATETIME(6) NULL COMMENT 'when the epoch last rose because versions could not be trusted',
    raised_reason TEXT NULL`,
  snapshot_job: `
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    table_name VARCHAR(255) COLLATE utf8mb4_bin NOT NULL COMMENT 'database.table',
    where_sql LONGTEXT NULL,
    state VARCHAR(16) CHARACTER SET ascii NOT NULL DEFAULT 'queued' COMMENT 'queued running paused done failed cancelled',
    priority INT NOT NULL DEFAULT 0,
    marker_id BIGINT UNSIGNED NULL,
    epoch INT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'of marker_id',
    shape VARCHAR(64) CHARACTER SET ascii NULL COMMENT 'fingerprint of what is read',
    rows_estimated BIGINT UNSIGNED NULL,
    rows_done BIGINT UNSIGNED NOT NULL DEFAULT 0,
    chunks_done BIGINT UNSIGNED NOT NULL DEFAULT 0,
    busy_ms BIGINT UNSIGNED NOT NULL DEFAULT 0,
    last_key LONGTEXT NULL COMMENT 'JSON array of cells',
    error TEXT NULL,
    waits_for TEXT NULL COMMENT 'what it waits for at the moment',
    waits_since DATETIME(6) NULL COMMENT 'UTC',
    created_at DATETIME(6) NOT NULL,
    started_at DATETIME(6) NULL,
    finished_at DATETIME(6) NULL,
    KEY state_priority (state, priority, id)`,
  forced_id: `
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
    session BIGINT UNSIGNED NOT NULL,
    one TINYINT UNSIGNED NOT NULL DEFAULT 1 COMMENT 'taken by the only row that stays',
    PRIMARY KEY (id, session),
    UNIQUE KEY one (one)`,
  table_incarnation: `
    table_name VARCHAR(255) COLLATE utf8mb4_bin NOT NULL PRIMARY KEY COMMENT 'database.table',
    incarnation LONGTEXT CHARACTER SET ascii NOT NULL COMMENT 'ids of InnoDB when a relay last looked'`,
} as const;

/** Columns that came later, which a capture schema of an older version lacks. */
const laterColumns = [
  { table: 'snapshot_job', column: 'epoch', definition: 'INT UNSIGNED NOT NULL DEFAULT 0' },
  { table: 'snapshot_job', column: 'shape', definition: 'VARCHAR(64) CHARACTER SET ascii NULL' },
  { table: 'snapshot_job', column: 'busy_ms', definition: 'BIGINT UNSIGNED NOT NULL DEFAULT 0' },
  { table: 'snapshot_job', column: 'waits_for', definition: 'TEXT NULL' },
  { table: 'snapshot_job', column: 'waits_since', definition: 'DATETIME(6) NULL' },
  { table: 'relay_state', column: 'pipeline', definition: 'CHAR(32) CHARACTER SET ascii NULL' },
  { table: 'relay_state', column: 'incarnation', definition: 'CHAR(32) CHARACTER SET ascii NULL' },
  { table: 'relay_state', column: 'announced', definition: 'CHAR(32) CHARACTER SET ascii NULL' },
  { table: 'relay_state', column: 'tracked_lease', definition: 'BIGINT UNSIGNED NOT NULL DEFAULT 0' },
  { table: 'relay_state', column: 'published', definition: 'TEXT CHARACTER SET ascii NULL' },
  { table: 'relay_state', column: 'raised_at', definition: 'DATETIME(6) NULL' },
  { table: 'relay_state', column: 'raised_reason', definition: 'TEXT NULL' },
] as const;

/** Tables that older versions made and never used; they are only dropped with the whole schema. */
const formerTables = ['snapshot_chunk'];

/** ER_SP_ALREADY_EXISTS */
const PROCEDURE_EXISTS = 1304;

export const waitProcedure = 'await_entries';
/** Of older versions. */
const formerWaitProcedures = ['await_change', 'await_change_above'];
/** Between two looks of the wait procedure at an idle log. */
export const WAIT_STEP_SECONDS = 0.01;
/** Each of its pauses is longer by this factor than the one before. */
const STEP_GROWTH = 1.4;

/**
 * Creates what is missing of the capture schema, and brings one of an older version up to date; asks for no right
 * when all of it is there. A relay of the older version goes on beside it: nothing that it uses is taken away.
 */
export async function createCaptureSchema(connection: Connection, captureSchema: string): Promise<void> {
  const schema = quoteIdentifier(captureSchema);
  const present = await presentTables(connection, captureSchema);
  const missing = Object.entries(captureTables).filter(([name]) => !present.has(name));
  if (present.size === 0)
    await execute(connection, `CREATE DATABASE IF NOT EXISTS ${schema} CHARACTER SET utf8mb4`);
  for (const [name, columns] of missing)
    await execute(
      connection,
      `CREATE TABLE IF NOT EXISTS ${schema}.${quoteIdentifier(name)} (${columns}) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4`,
    );
  if (!present.has('forced_id'))
    await execute(connection, `INSERT IGNORE INTO ${forcedIds(captureSchema)} (id, session) VALUES (1, 0)`);
  if (present.size > 0) await addLaterColumns(connection, captureSchema);
  await createWaitProcedure(connection, captureSchema);
}

async function addLaterColumns(connection: Connection, captureSchema: string): Promise<void> {
  const rows = await select<{ place: string }>(
    connection,
    `SELECT CONCAT(table_name, '.', column_name) AS place FROM information_schema.columns WHERE table_schema = ?`,
    [captureSchema],
  );
  const known = new Set(rows.map(({ place }) => place));
  for (const { table, column, definition } of laterColumns)
    if (!known.has(`${table}.${column}`))
      await execute(
        connection,
        `ALTER TABLE ${quoteIdentifier(captureSchema)}.${quoteIdentifier(table)} ADD COLUMN ${quoteIdentifier(column)} ${definition}`,
      );
}

/**
 * Waits on the server until the log has more than `held` entries above an id, so that an idle relay needs one call a second
 * instead of forty queries. What follows soon upon other work is found soon: pauses begin short and grow. Each
 * statement of a procedure reads anew, hence sees what was committed meanwhile. It must be SELECT ... INTO: a query in
 * the condition of WHILE is a locking read on both servers, at any isolation level, and would wait for the entries of
 * every open transaction (R2) and get in the way of the applications' inserts (R13).
 */
async function createWaitProcedure(connection: Connection, captureSchema: string): Promise<void> {
  const [known] = await select<{ found: number }>(
    connection,
    `SELECT COUNT(*) AS found FROM information_schema.routines WHERE routine_schema = ? AND routine_name = ?`,
    [captureSchema, waitProcedure],
  );
  if (Number(known!.found) > 0) return;
  await execute(
    connection,
    `CREATE PROCEDURE ${quoteIdentifier(captureSchema)}.${quoteIdentifier(waitProcedure)}(
       IN above BIGINT UNSIGNED, IN held INT, IN step DOUBLE, IN longest DOUBLE, IN seconds DOUBLE)
       SQL SECURITY INVOKER READS SQL DATA
     BEGIN
       DECLARE found INT DEFAULT 0;
       WHILE found = 0 AND seconds > 0 DO
         SELECT COUNT(*) INTO found
           FROM (SELECT 1 FROM ${quoteIdentifier(captureSchema)}.\`change_log\` WHERE id > above LIMIT held, 1) AS next_entry;
         IF found = 0 THEN
           DO SLEEP(step);
           SET seconds = seconds - step;
           SET step = LEAST(step * ${STEP_GROWTH}, longest);
         END IF;
       END WHILE;
     END`,
  ).catch((error: unknown) => {
    // Another relay that started at the same time has made it.
    if (errorNumber(error) !== PROCEDURE_EXISTS) throw error;
  });
}

/** The capture schema's own tables that exist. */
export async function presentTables(connection: Connection, captureSchema: string): Promise<Set<string>> {
  const rows = await select<{ name: string }>(
    connection,
    `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = ? AND table_name IN (?)`,
    [captureSchema, Object.keys(captureTables)],
  );
  return new Set(rows.map(({ name }) => name));
}

/** Drops the tables, and the database when nothing else is in it. Triggers must be gone before: they would fail writes. */
export async function dropCaptureSchema(connection: Connection, captureSchema: string): Promise<void> {
  const schema = quoteIdentifier(captureSchema);
  for (const name of [waitProcedure, ...formerWaitProcedures])
    await execute(connection, `DROP PROCEDURE IF EXISTS ${schema}.${quoteIdentifier(name)}`);
  for (const name of [...Object.keys(captureTables), ...formerTables])
    await execute(connection, `DROP TABLE IF EXISTS ${schema}.${quoteIdentifier(name)}`);
  const [left] = await select<{ tables: number }>(
    connection,
    'SELECT COUNT(*) AS tables FROM information_schema.tables WHERE table_schema = ?',
    [captureSchema],
  );
  if (Number(left!.tables) === 0) await execute(connection, `DROP DATABASE IF EXISTS ${schema}`);
}
