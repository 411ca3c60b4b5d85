import { hasErrno, mysqlErrno } from '@tributary/kernel';
import type { Connection } from 'mysql2/promise';
import { captureTables, changeLog, forcedIds, formerTables, laterColumns } from './capture-tables';
import { quoteIdentifier } from './identifiers';
import { execute, select } from './query';

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
           FROM (SELECT 1 FROM ${changeLog(captureSchema)} WHERE id > above LIMIT held, 1) AS next_entry;
         IF found = 0 THEN
           DO SLEEP(step);
           SET seconds = seconds - step;
           SET step = LEAST(step * ${STEP_GROWTH}, longest);
         END IF;
       END WHILE;
     END`,
  ).catch((error: unknown) => {
    // Another relay that started at the same time has made it.
    if (!hasErrno(error, mysqlErrno.SP_ALREADY_EXISTS)) throw error;
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
