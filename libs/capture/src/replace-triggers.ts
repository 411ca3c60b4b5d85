import { setTimeout as sleep } from 'node:timers/promises';
import { hasErrno, mysqlErrno, transient } from '@tributary/kernel';
import type { Connection } from 'mysql2/promise';
import type { Definer } from './definer';
import type { OwnTrigger } from './existing-triggers';
import { quoteIdentifier, quoteTable } from './identifiers';
import { tableHolders } from './open-transactions';
import { execute, select } from './query';
import { pinnedVariables } from './session';
import { eventNames, triggerStem } from './trigger-sql';
import type { WantedTrigger } from './wanted-triggers';

/** Waiting for a lock makes new writers queue behind, so each try is short and the pauses let them pass. */
const LOCK_WAIT_SECONDS = 1;
const TRIES = 40;
const PAUSE_MS = 500;
/** About five seconds. */
const TELL_TRIES = 3;

/** Told, again and again, what the work waits for, in one sentence. */
export type OnWaiting = (sentence: string) => void;

/**
 * Gives a table its new triggers, then drops those that stand on it (of `own`, all that there are), under a write lock of the table, so that a change is logged
 * by one of the two: a crash half-way leaves duplicates, which are harmless, never a hole. Where the lock cannot be
 * had the same order without it leaves at worst a few duplicates. `fresh`: the table was never captured before.
 */
export async function replaceTriggers(
  connection: Connection,
  table: string,
  captureSchema: string,
  wanted: readonly WantedTrigger[],
  own: readonly OwnTrigger[],
  definer: Definer,
  fresh: boolean,
  onWaiting?: OnWaiting,
): Promise<void> {
  const database = table.slice(0, table.indexOf('.'));
  const stem = triggerStem(captureSchema, table);
  const existing = own.filter((trigger) => trigger.table === table);
  // Triggers of this table may stand on another one, after a swap, and still hold their names.
  const named = own.filter((trigger) => trigger.stem === stem);
  // A dump of the table brings the names that its triggers had: those of a table made anew must be others.
  const first = fresh ? 1 : Math.floor(Date.now() / 1000);
  const version = named.length > 0 ? Math.max(...named.map((trigger) => trigger.version)) + 1 : first;
  const created: string[] = [];
  const [current] = await select<{ name: string | null }>(connection, 'SELECT DATABASE() AS name');
  await execute(connection, `USE ${quoteIdentifier(database)}`);
  try {
    await briefly({ connection, table, onWaiting }, existing.length > 0, async (statement) => {
      for (const { event, body } of wanted) {
        const name = `${stem}_${event}_v${version}`;
        if (created.includes(qualified(database, name))) continue;
        // Without the database, which MariaDB keeps and a dump would bring along into another one.
        await statement(
          `CREATE DEFINER = ${definer.clause} TRIGGER ${quoteIdentifier(name)} ${eventNames[event]} ON ${quoteIdentifier(table.slice(database.length + 1))} FOR EACH ROW ${body}`,
        );
        created.push(qualified(database, name));
      }
      await dropAll(statement, existing);
    });
  } catch (error) {
    for (const name of created) await execute(connection, `DROP TRIGGER IF EXISTS ${name}`).catch(() => {});
    throw error;
  } finally {
    if (current!.name !== null)
      await execute(connection, `USE ${quoteIdentifier(current!.name)}`).catch(() => {});
  }
}

/** Drops triggers of one table. */
export async function dropTriggers(
  connection: Connection,
  table: string,
  triggers: readonly OwnTrigger[],
  onWaiting?: OnWaiting,
): Promise<void> {
  await briefly({ connection, table, onWaiting }, false, (statement) => dropAll(statement, triggers));
}

interface Place {
  readonly connection: Connection;
  readonly table: string;
  readonly onWaiting: OnWaiting | undefined;
}

type Statement = (sql: string) => Promise<void>;

const qualified = (database: string, name: string) => `${quoteIdentifier(database)}.${quoteIdentifier(name)}`;

async function dropAll(statement: Statement, triggers: readonly OwnTrigger[]): Promise<void> {
  for (const { database, name } of triggers)
    await statement(`DROP TRIGGER IF EXISTS ${qualified(database, name)}`);
}

/** Runs `work` with short lock waits, and under a write lock of the table where `lock` asks for it and it can be had. */
async function briefly(
  place: Place,
  lock: boolean,
  work: (statement: Statement) => Promise<void>,
): Promise<void> {
  const { connection, table } = place;
  await execute(connection, `SET SESSION lock_wait_timeout = ${LOCK_WAIT_SECONDS}`);
  const locked = lock && (await lockTable(connection, table));
  try {
    await work((sql) => patiently(place, sql));
  } finally {
    if (locked) await execute(connection, 'UNLOCK TABLES').catch(() => {});
    await execute(
      connection,
      `SET SESSION lock_wait_timeout = ${pinnedVariables.common['lock_wait_timeout']}`,
    ).catch(() => {});
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

async function patiently({ connection, table, onWaiting }: Place, sql: string): Promise<void> {
  for (let left = TRIES; ; left -= 1) {
    try {
      await execute(connection, sql);
      return;
    } catch (error) {
      if (!hasErrno(error, mysqlErrno.LOCK_WAIT_TIMEOUT)) throw error;
      const tries = TRIES - left + 1;
      if (left > 1 && tries % TELL_TRIES > 0) {
        await sleep(PAUSE_MS);
        continue;
      }
      const holders = await tableHolders(connection, table).catch(() => 'a transaction on it stays open');
      if (left <= 1)
        throw transient(
          'BUSY',
          `The triggers of ${table} cannot be changed while it is in use, ${holders}. Then try again.`,
          error,
        );
      onWaiting?.(`The triggers of ${table} wait for the table, ${holders}.`);
      await sleep(PAUSE_MS);
    }
  }
}
