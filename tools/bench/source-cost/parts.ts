import type { Connection } from '@tributary/capture';
import { emptyLog, install, makeTables, uninstall, CAPTURE_SCHEMA } from './capture';
import { openApplication, threadClock, type Source } from './server';
import { benchTables, DATABASE, type BenchTable } from './tables';

const events = ['INSERT', 'UPDATE', 'DELETE'] as const;
type Event = (typeof events)[number];

/** Microseconds of the connection's thread in the server for one changed row, by part and by statement. */
export type PartCosts = Readonly<Record<string, Readonly<Record<string, number>>>>;

const inserts = new RegExp(`INSERT INTO \`${CAPTURE_SCHEMA}\`\\.\`change_log\`[^;]*;`, 'g');

/** Parts of a trigger, each made of its whole text; `null`: no trigger. */
const parts: Readonly<Record<string, (text: string, event: Event) => string | null>> = {
  'no trigger': () => null,
  'empty trigger': () => 'BEGIN END',
  // An id seems to have been made.
  'all but inserts': (text) => text.replaceAll(inserts, 'DO LAST_INSERT_ID(1);'),
  // Of the length that an image of such a row has.
  'bare insert': (_text, event) =>
    `INSERT INTO ${CAPTURE_SCHEMA}.change_log (shape_id, op, row_key, after_image, crc, at) ` +
    `VALUES (1, 'c', '["1000"]', ${event === 'DELETE' ? 'NULL' : `REPEAT('x', 200)`}, 1, UTC_TIMESTAMP(6))`,
  'whole trigger': (text) => text,
  // As for a session that has set something.
  'own block': (text) => text.replace('@@insert_id = 0 AND', 'FALSE AND'),
};

/** Each part in turn, `rounds` times, forwards and backwards; the lower quartile, since other work only adds. */
export async function measureParts(source: Source, rows: number, rounds: number): Promise<PartCosts> {
  await makeTables(source);
  await install(source);
  const connection = await openApplication(source);
  const samples = new Map<string, Map<string, number[]>>();
  try {
    const clock = await threadClock(source, connection);
    const texts = await triggersOf(connection);
    for (let round = 0; round < rounds; round += 1)
      for (const table of benchTables) {
        const names = Object.keys(parts);
        for (const part of round % 2 ? names.reverse() : names) {
          await useTriggers(connection, table, (event) =>
            parts[part]!(texts.get(`${table.name} ${event}`)!, event),
          );
          await emptyLog(connection);
          for (const [what, cost] of await changeRows(connection, clock, table, rows)) {
            const ofPart = samples.get(part) ?? new Map<string, number[]>();
            samples.set(part, ofPart.set(what, [...(ofPart.get(what) ?? []), cost]));
          }
        }
      }
  } finally {
    await connection.end();
    await uninstall(source);
  }
  return Object.fromEntries(
    [...samples].map(([part, costs]) => [
      part,
      Object.fromEntries([...costs].map(([what, all]) => [what, lowerQuartile(all)])),
    ]),
  );
}

async function triggersOf(connection: Connection): Promise<Map<string, string>> {
  const [rows] = (await connection.query(
    `SELECT CONCAT(event_object_table, ' ', event_manipulation) AS place, action_statement AS text
     FROM information_schema.triggers WHERE trigger_schema = '${DATABASE}'`,
  )) as unknown as [{ place: string; text: string }[]];
  return new Map(rows.map(({ place, text }) => [place, text]));
}

async function useTriggers(
  connection: Connection,
  { name }: BenchTable,
  textOf: (event: Event) => string | null,
): Promise<void> {
  const [present] = (await connection.query(
    `SELECT trigger_name AS name FROM information_schema.triggers
     WHERE trigger_schema = '${DATABASE}' AND event_object_table = '${name}'`,
  )) as unknown as [{ name: string }[]];
  for (const trigger of present) await connection.query(`DROP TRIGGER ${trigger.name}`);
  for (const event of events) {
    const text = textOf(event);
    if (text !== null)
      await connection.query(
        `CREATE TRIGGER part_${name}_${event} AFTER ${event} ON ${name} FOR EACH ROW ${text}`,
      );
  }
}

/** Statements of many rows, then as many of one, in one transaction each. */
async function changeRows(
  connection: Connection,
  clock: () => number,
  { name, row, updates }: BenchTable,
  rows: number,
): Promise<[what: string, cost: number][]> {
  const ids = Array.from({ length: rows }, (_, at) => at + 1);
  const statements: Record<string, string[]> = {
    'insert, many': [`INSERT INTO ${name} VALUES ${ids.map(row).join(', ')}`],
    'update, many': [`UPDATE ${name} SET ${updates[1]}`],
    'delete, many': [`DELETE FROM ${name}`],
    'insert, one': ids.map((id) => `INSERT INTO ${name} VALUES ${row(id)}`),
    'update, one': ids.map((id) => `UPDATE ${name} SET ${updates[1]} WHERE id = ${id}`),
    'delete, one': ids.map((id) => `DELETE FROM ${name} WHERE id = ${id}`),
  };
  const costs: [string, number][] = [];
  // The table is known to the connection before the clock runs.
  await connection.query(`INSERT INTO ${name} VALUES ${row(rows + 1)}`);
  await connection.query(`DELETE FROM ${name}`);
  for (const [what, list] of Object.entries(statements)) {
    await connection.query('START TRANSACTION');
    const before = clock();
    for (const statement of list) await connection.query(statement);
    costs.push([`${name} ${what}`, (clock() - before) / rows]);
    await connection.query('COMMIT');
  }
  return costs;
}

const lowerQuartile = (values: readonly number[]) =>
  [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) / 4)]!;
