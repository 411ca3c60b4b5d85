import { setTimeout as sleep } from 'node:timers/promises';
import { transient } from '@tributary/change-event';
import type { Connection } from 'mysql2/promise';
import type { Definer } from './definer';
import type { OwnTrigger } from './existing-triggers';
import { quoteIdentifier, quoteTable } from './identifiers';
import { errorNumber, execute } from './query';
import { eventNames, triggerStem } from './trigger-sql';
import type { WantedTrigger } from './wanted-triggers';

const LOCK_WAIT_TIMEOUT = 1205;
/** Waiting for a lock makes new writers queue behind, so each try is short and the pauses let them pass. */
const LOCK_WAIT_SECONDS = 1;
const TRIES = 40;
const PAUSE_MS = 500;

/**
 * Gives a table its new triggers, then drops those that stand on it (of `own`, all that there are), under a write lock of the table, so that a change is logged
 * by one of the two: a crash half-way leaves duplicates, which are harmless, never a hole. Where the lock cannot be
 * had the same order without it leaves at worst a few duplicates.
 */
export async function replaceTriggers(
  connection: Connection,
  table: string,
  captureSchema: string,
  wanted: readonly WantedTrigger[],
  own: readonly OwnTrigger[],
  definer: Definer,
): Promise<void> {
  const database = table.slice(0, table.indexOf('.'));
  const stem = triggerStem(captureSchema, table);
  const existing = own.filter((trigger) => trigger.table === table);
  // Triggers of this table may stand on another one, after a swap, and still hold their names.
  const named = own.filter((trigger) => trigger.stem === stem);
  const version = Math.max(0, ...named.map((trigger) => trigger.version)) + 1;
  const created: string[] = [];
  try {
    await briefly(connection, table, existing.length > 0, async (statement) => {
      for (const { event, body } of wanted) {
        const name = qualified(database, `${stem}_${event}_v${version}`);
        if (created.includes(name)) continue;
        await statement(
          `CREATE DEFINER = ${definer.clause} TRIGGER ${name} ${eventNames[event]} ON ${quoteTable(table)} FOR EACH ROW ${body}`,
        );
        created.push(name);
      }
      await dropAll(statement, existing);
    });
  } catch (error) {
    for (const name of created) await execute(connection, `DROP TRIGGER IF EXISTS ${name}`).catch(() => {});
    throw error;
  }
}

/** Drops triggers of one table. */
export async function dropTriggers(
  connection: Connection,
  table: string,
  triggers: readonly OwnTrigger[],
): Promise<void> {
  await briefly(connection, table, false, (statement) => dropAll(statement, triggers));
}

type Statement = (sql: string) => Promise<void>;

const qualified = (database: string, name: string) => `${quoteIdentifier(database)}.${quoteIdentifier(name)}`;

async function dropAll(statement: Statement, triggers: readonly OwnTrigger[]): Promise<void> {
  for (const { database, name } of triggers)
    await statement(`DROP TRIGGER IF EXISTS ${qualified(database, name)}`);
}

/** Runs `work` with short lock waits, and under a write lock of the table where `lock` asks for it and it can be had. */
async function briefly(
  connection: Connection,
  table: string,
  lock: boolean,
  work: (statement: Statement) => Promise<void>,
): Promise<void> {
  await execute(connection, `SET SESSION lock_wait_timeout = ${LOCK_WAIT_SECONDS}`);
  const locked = lock && (await lockTable(connection, table));
  try {
    await work((sql) => patiently(connection, table, sql));
  } finally {
    if (locked) await execute(connection, 'UNLOCK TABLES').catch(() => {});
    await execute(connection, 'SET SESSION lock_wait_timeout = DEFAULT').catch(() => {});
  }
}

/**
 * One try: on MySQL the lock extends to the log, through the triggers that are there, so it waits for every open
 * transaction on any synced table and holds up new ones meanwhile. It also fails without the right to LOCK TABLES,
 * and where an old trigger names a dropped column; which is about to be replaced.
 */
const lockTable = (connection: Connection, table: string): Promise<boolean> =>
  execute(connection, `LOCK TABLES ${quoteTable(table)} WRITE`).then(
    () => true,
    () => false,
  );

async function patiently(connection: Connection, table: string, sql: string): Promise<void> {
  for (let left = TRIES; ; left -= 1) {
    try {
      await execute(connection, sql);
      return;
    } catch (error) {
      if (errorNumber(error) !== LOCK_WAIT_TIMEOUT) throw error;
      if (left <= 1)
        throw transient(
          'BUSY',
          `A transaction on ${table} stays open, so its triggers cannot be changed: end that transaction and try again.`,
          error,
        );
      await sleep(PAUSE_MS);
    }
  }
}
