import { quoteIdentifier } from './identifiers';

/** The tables of the capture schema; libs/capture-store has the jobs as a TypeORM entity. */
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
    engine VARCHAR(16) CHARACTER SET ascii NOT NULL DEFAULT 'node' COMMENT 'who works on it: node (the relay) or spark',
    floor_id BIGINT UNSIGNED NULL COMMENT 'with which all rows of a spark load are versioned',
    KEY state_priority (state, priority, id)`,
  bulk_range: `
    job_id BIGINT UNSIGNED NOT NULL,
    no INT UNSIGNED NOT NULL COMMENT 'in the order of the key',
    lower_key LONGTEXT NULL COMMENT 'JSON array of cells; not in the range; NULL: it begins the table',
    upper_key LONGTEXT NULL COMMENT 'the last of the range; NULL: it ends the table',
    state VARCHAR(8) CHARACTER SET ascii NOT NULL DEFAULT 'open' COMMENT 'open done',
    worker CHAR(36) CHARACTER SET ascii NULL COMMENT 'that reads it, or that died over it',
    lease_until DATETIME(6) NULL COMMENT 'UTC; the worker ends itself then, unless it has renewed it',
    lost_until DATETIME(6) NULL COMMENT 'UTC; the last lease that ran out',
    tries INT UNSIGNED NOT NULL DEFAULT 0,
    rows_done BIGINT UNSIGNED NOT NULL DEFAULT 0,
    PRIMARY KEY (job_id, no),
    KEY state (job_id, state, no)`,
  forced_id: `
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
    session BIGINT UNSIGNED NOT NULL,
    one TINYINT UNSIGNED NOT NULL DEFAULT 1 COMMENT 'taken by the only row that stays',
    PRIMARY KEY (id, session),
    UNIQUE KEY one (one)`,
  table_incarnation: `
    table_name VARCHAR(255) COLLATE utf8mb4_bin NOT NULL PRIMARY KEY COMMENT 'database.table',
    incarnation LONGTEXT CHARACTER SET ascii NOT NULL COMMENT 'ids of InnoDB when a relay last looked'`,
  verification: `
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    table_pattern VARCHAR(255) COLLATE utf8mb4_bin NULL COMMENT 'NULL: every table',
    target VARCHAR(64) CHARACTER SET ascii NULL COMMENT 'NULL: every target',
    repair VARCHAR(8) CHARACTER SET ascii NOT NULL COMMENT 'none plan do',
    asked_by VARCHAR(255) NOT NULL,
    state VARCHAR(16) CHARACTER SET ascii NOT NULL COMMENT 'running equal different incomplete cancelled failed',
    cancel_asked TINYINT UNSIGNED NOT NULL DEFAULT 0,
    rows_done BIGINT UNSIGNED NOT NULL DEFAULT 0,
    rows_total BIGINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'estimated',
    differences BIGINT UNSIGNED NOT NULL DEFAULT 0,
    error TEXT NULL,
    result LONGTEXT NULL COMMENT 'JSON',
    started_at DATETIME(6) NOT NULL COMMENT 'UTC',
    seen_at DATETIME(6) NOT NULL COMMENT 'when its process last said that it runs',
    finished_at DATETIME(6) NULL`,
  table_verified: `
    table_name VARCHAR(255) COLLATE utf8mb4_bin NOT NULL COMMENT 'database.table',
    target VARCHAR(64) CHARACTER SET ascii NOT NULL,
    verification_id BIGINT UNSIGNED NOT NULL,
    differences BIGINT UNSIGNED NOT NULL COMMENT 'left at the end',
    at DATETIME(6) NOT NULL COMMENT 'UTC, when the last whole comparison began',
    PRIMARY KEY (table_name, target)`,
  parked_table: `
    table_name VARCHAR(255) COLLATE utf8mb4_bin NOT NULL PRIMARY KEY COMMENT 'database.table',
    entries BIGINT UNSIGNED NOT NULL COMMENT 'of it in parked_entry',
    bytes BIGINT UNSIGNED NOT NULL COMMENT 'of their keys and images',
    since DATETIME(6) NOT NULL COMMENT 'UTC; when the first one was set aside'`,
  parked_entry: `
    table_name VARCHAR(255) COLLATE utf8mb4_bin NOT NULL COMMENT 'database.table',
    epoch INT UNSIGNED NOT NULL COMMENT 'of the id',
    id BIGINT UNSIGNED NOT NULL COMMENT 'as in change_log, and the rest, too',
    shape_id INT UNSIGNED NOT NULL,
    op CHAR(1) CHARACTER SET ascii NOT NULL,
    row_key LONGTEXT NULL,
    before_image LONGTEXT NULL,
    after_image LONGTEXT NULL,
    crc INT UNSIGNED NULL,
    at DATETIME(6) NOT NULL COMMENT 'UTC',
    PRIMARY KEY (table_name, epoch, id)`,
} as const;

/** Columns that came later, which a capture schema of an older version lacks. */
export const laterColumns = [
  { table: 'snapshot_job', column: 'epoch', definition: 'INT UNSIGNED NOT NULL DEFAULT 0' },
  { table: 'snapshot_job', column: 'shape', definition: 'VARCHAR(64) CHARACTER SET ascii NULL' },
  { table: 'snapshot_job', column: 'busy_ms', definition: 'BIGINT UNSIGNED NOT NULL DEFAULT 0' },
  { table: 'snapshot_job', column: 'waits_for', definition: 'TEXT NULL' },
  { table: 'snapshot_job', column: 'waits_since', definition: 'DATETIME(6) NULL' },
  {
    table: 'snapshot_job',
    column: 'engine',
    definition: "VARCHAR(16) CHARACTER SET ascii NOT NULL DEFAULT 'node'",
  },
  { table: 'snapshot_job', column: 'floor_id', definition: 'BIGINT UNSIGNED NULL' },
  { table: 'relay_state', column: 'pipeline', definition: 'CHAR(32) CHARACTER SET ascii NULL' },
  { table: 'relay_state', column: 'incarnation', definition: 'CHAR(32) CHARACTER SET ascii NULL' },
  { table: 'relay_state', column: 'announced', definition: 'CHAR(32) CHARACTER SET ascii NULL' },
  { table: 'relay_state', column: 'tracked_lease', definition: 'BIGINT UNSIGNED NOT NULL DEFAULT 0' },
  { table: 'relay_state', column: 'published', definition: 'TEXT CHARACTER SET ascii NULL' },
  { table: 'relay_state', column: 'raised_at', definition: 'DATETIME(6) NULL' },
  { table: 'relay_state', column: 'raised_reason', definition: 'TEXT NULL' },
] as const;

/** Tables that older versions made and never used; they are only dropped with the whole schema. */
export const formerTables = ['snapshot_chunk'];

export type CaptureTable = keyof typeof captureTables;

/** A table of the capture schema as SQL names it. */
export const captureTable = (captureSchema: string, name: CaptureTable): string =>
  `${quoteIdentifier(captureSchema)}.${quoteIdentifier(name)}`;

const named = (name: CaptureTable) => (captureSchema: string) => captureTable(captureSchema, name);

export const changeLog = named('change_log');
export const tableShapes = named('table_shape');
export const relayState = named('relay_state');
export const snapshotJobs = named('snapshot_job');
/** Takes the id that a session has forced (`SET insert_id`), so that the log's counter never does; keeps no row of it. */
export const forcedIds = named('forced_id');
/** The ranges of loads that an engine of many machines works on. */
export const bulkRanges = named('bulk_range');
export const tableIncarnations = named('table_incarnation');
/** Where entries of paused tables wait, out of the log's way. */
export const parkedEntries = named('parked_entry');
/** Which tables have entries there, and how many. */
export const parkedTables = named('parked_table');

/**
 * The leader's temporary table of ids, on its own connection: in the capture schema, since a temporary table needs a
 * database in which the account may create it.
 */
export const ackTable = (captureSchema: string): string => `${quoteIdentifier(captureSchema)}.\`ack\``;

/**
 * The log entry's checksum: CRC-32 of `row_key|before_image|after_image` as stored, an absent image as no bytes
 * (`entryCrc` is the same on this side), and the seal of its shape.
 */
export function crcExpression(key: string, before: string, after: string, seal = 0): string {
  const text = (value: string) => (value === 'NULL' ? `''` : `IFNULL(${value},'')`);
  const crc = `CRC32(CONCAT(${key},'|',${text(before)},'|',${text(after)}))`;
  return seal === 0 ? crc : `${crc} ^ ${seal}`;
}

/** Begins a statement that logs changes with their images; existing triggers are compared with it letter by letter. */
export const insertImages = (captureSchema: string): string =>
  `INSERT INTO ${changeLog(captureSchema)} (shape_id, op, row_key, before_image, after_image, crc, at)`;

/** The same without images. */
export const insertKeys = (captureSchema: string): string =>
  `INSERT INTO ${changeLog(captureSchema)} (shape_id, op, row_key, crc, at)`;

/** Logs rows as a repair has read them: `rows` selects the key as `k` and the image, or NULL, as `a`. */
export const logRows = (captureSchema: string, shapeId: number, op: 'r' | 'd', rows: string): string =>
  `${insertImages(captureSchema)} ` +
  `SELECT ${shapeId}, '${op}', k, NULL, a, ${crcExpression('k', 'NULL', 'a')}, UTC_TIMESTAMP(6) FROM (${rows}) AS entry`;

/** The lowest or highest id that is in the log, as `id`. */
export const logEnd = (captureSchema: string, which: 'MIN' | 'MAX'): string =>
  `SELECT ${which}(id) AS id FROM ${changeLog(captureSchema)}`;
