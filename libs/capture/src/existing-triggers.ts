import type { Connection } from 'mysql2/promise';
import { changeLog } from './capture-tables';
import { detectServer } from './flavour';
import { quoteIdentifier } from './identifiers';
import { select } from './query';
import { isInert } from './trigger-frame';
import { triggerStem, type TriggerEvent } from './trigger-sql';

/** A trigger that this product made for one capture schema. */
export interface OwnTrigger {
  readonly name: string;
  /** `database.table` that it stands on now. */
  readonly table: string;
  readonly database: string;
  readonly event: TriggerEvent;
  readonly version: number;
  /** Names the table that it was made for. */
  readonly stem: string;
  /** Whether it stands on another table than that: triggers go along when tables are renamed. */
  readonly moved: boolean;
  /** Whether it logs nothing, because a restored dump has brought it into another database than its own. */
  readonly inert: boolean;
  /** Whether triggers of the application come after it, which can undo what a BEFORE trigger has seen. */
  readonly overtaken: boolean;
  readonly body: string;
  /** `user@host`. */
  readonly definer: string;
  readonly sqlMode: string;
}

export interface ForeignTrigger {
  readonly name: string;
  readonly table: string;
  readonly timing: string;
  readonly event: string;
}

interface TriggerRow {
  readonly name: string;
  readonly database: string;
  readonly table: string;
  readonly timing: string;
  readonly event: string;
  readonly body: string;
  readonly definer: string;
  readonly sqlMode: string;
  readonly place: number;
}

const ownName = /^(tributary_\w*_[0-9a-f]{8})_([iudxyz])_v(\d+)$/;

/**
 * Triggers that the account may see, told apart by name and by the log that they write to: another capture schema's
 * are foreign here, and nothing foreign is ever touched.
 */
export async function readTriggers(
  connection: Connection,
  captureSchema: string,
): Promise<{ own: OwnTrigger[]; foreign: ForeignTrigger[] }> {
  const rows = await select<TriggerRow>(
    connection,
    `SELECT trigger_name AS \`name\`, trigger_schema AS \`database\`,
       CONCAT(event_object_schema, '.', event_object_table) AS \`table\`, action_timing AS \`timing\`,
       event_manipulation AS \`event\`, action_statement AS \`body\`, definer AS \`definer\`, sql_mode AS \`sqlMode\`,
       action_order AS \`place\`
     FROM information_schema.triggers WHERE trigger_schema NOT IN ('sys', 'mysql')
     ORDER BY trigger_schema, event_object_table, trigger_name`,
  );
  const own: OwnTrigger[] = [];
  const foreign: ForeignTrigger[] = [];
  for (const row of rows) {
    const match = ownName.exec(row.name);
    if (match && row.body.includes(`INSERT INTO ${changeLog(captureSchema)} `))
      own.push({
        ...row,
        event: match[2] as TriggerEvent,
        version: Number(match[3]),
        stem: match[1]!,
        moved: match[1] !== triggerStem(captureSchema, row.table),
        inert: isInert(row.body, row.database),
        overtaken: row.timing === 'BEFORE' && rows.some((other) => comesAfter(other, row)),
        body: normalBody(row.body),
      });
    else foreign.push(row);
  }
  return { own: await asWritten(connection, own), foreign };
}

/** Another pipeline's trigger changes nothing: the two would make themselves anew behind each other for ever. */
const comesAfter = (other: TriggerRow, own: TriggerRow) =>
  other.table === own.table &&
  other.timing === own.timing &&
  other.event === own.event &&
  Number(other.place) > Number(own.place) &&
  !ownName.test(other.name);

/** Servers keep or drop a trailing semicolon. */
export const normalBody = (body: string) => body.trim().replace(/;+$/, '').trimEnd();

/**
 * MySQL's information_schema garbles names with a back-tick in a trigger's text (`a``b` is shown as `aa`bb`); only
 * SHOW CREATE TRIGGER has it as it was written.
 */
async function asWritten(connection: Connection, own: readonly OwnTrigger[]): Promise<OwnTrigger[]> {
  if (own.length === 0 || (await detectServer(connection)).flavour === 'mariadb') return [...own];
  const ticked = await select<{ name: string; table: string }>(
    connection,
    `SELECT DISTINCT table_name AS \`name\`, CONCAT(table_schema, '.', table_name) AS \`table\`
     FROM information_schema.columns WHERE table_schema IN (?) AND INSTR(column_name, '\`')`,
    [[...new Set(own.map(({ database }) => database))]],
  );
  // A trigger names columns of its own table, and of those whose rows a cascade of it changes.
  const isGarbled = ({ table, body }: OwnTrigger) =>
    ticked.some((of) => of.table === table || body.includes(quoteIdentifier(of.name)));
  const triggers: OwnTrigger[] = [];
  for (const trigger of own)
    triggers.push(
      isGarbled(trigger) ? { ...trigger, body: await writtenBody(connection, trigger) } : trigger,
    );
  return triggers;
}

async function writtenBody(connection: Connection, { database, name, body }: OwnTrigger): Promise<string> {
  const [shown] = await select<{ 'SQL Original Statement': string }>(
    connection,
    `SHOW CREATE TRIGGER ${quoteIdentifier(database)}.${quoteIdentifier(name)}`,
  );
  const [, written = body] =
    / FOR EACH ROW (BEGIN\n.*)$/s.exec(shown?.['SQL Original Statement'] ?? '') ?? [];
  return normalBody(written);
}
