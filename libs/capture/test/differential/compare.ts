import { isDeepStrictEqual } from 'node:util';
import { installCapture, type Connection } from '../../src';
import type { Source } from '../servers';
import { captured, rows, schema } from './schema';
import { Session, type Probe, type Scenario, type Step } from './session';

type Run = { readonly step: Step | 'session' | 'tables'; readonly outcome: unknown }[];

export interface Difference {
  readonly statement: string;
  readonly plain: unknown;
  readonly captured: unknown;
  /** The name under which docs/application.md has it. */
  readonly documented: string | undefined;
}

/** A database without capture and one with it, alike in all else. */
export async function buildPair(source: Source): Promise<void> {
  await source.admin.query('SET timestamp = 1600000000');
  for (const kind of ['plain', 'captured']) await build(source.admin, `${source.database}_${kind}`);
  const entries = captured.map((table) => `{ table: ${source.database}_captured.${table} }`);
  await installCapture(source.relay, source.config(...entries));
}

/** Runs a scenario in both databases, which begin with the same rows and counters, and gives what differs. */
export async function differences(source: Source, scenario: Scenario, probe: Probe): Promise<Difference[]> {
  const databases = ['plain', 'captured'].map((kind) => `${source.database}_${kind}`);
  for (const database of databases) await empty(source.admin, database);
  await resetCounters(source.admin, databases);
  const runs: Run[] = [];
  for (const database of databases) {
    await source.admin.query(`USE ${database}`);
    for (const sql of rows) await source.admin.query(sql);
    runs.push(await perform(source.adminUrl, database, scenario, probe));
  }
  const [one, two] = runs as [Run, Run];
  const found = scenario.anyOrder ? comparedAsSets(one, two) : compared(one, two, source.flavour);
  return found.map((difference) => ({
    ...difference,
    documented: difference.documented ?? scenario.differs,
  }));
}

/** One difference on one line. */
export const line = ({ statement, plain, captured: other }: Difference) =>
  `${statement}: ${JSON.stringify(plain)} without, ${JSON.stringify(other)} with capture`;

async function build(admin: Connection, database: string): Promise<void> {
  await admin.query(`DROP DATABASE IF EXISTS ${database}`);
  await admin.query(`CREATE DATABASE ${database} CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci`);
  await admin.query(`USE ${database}`);
  for (const sql of schema) await admin.query(sql);
}

async function empty(admin: Connection, database: string): Promise<void> {
  await admin.query('SET foreign_key_checks = 0');
  for (const table of [...captured, 'bill', 'plainlog'])
    await admin.query(`DELETE FROM ${database}.${table}`);
  await admin.query('SET foreign_key_checks = 1');
}

/**
 * Counters begin anew: where they went on from the last scenario, InnoDB forgot at times, in one database alone, ids that a
 * statement had reserved and not used.
 */
async function resetCounters(admin: Connection, databases: readonly string[]): Promise<void> {
  for (const table of ['customer', 'orders', 'audit', 'plainlog'])
    for (const database of databases)
      await admin.query(`ALTER TABLE ${database}.${table} AUTO_INCREMENT = 1`);
}

async function perform(url: string, database: string, { steps }: Scenario, probe: Probe): Promise<Run> {
  const sessions = new Map<string, Session>();
  const session = async (name = 'A') => {
    const known = sessions.get(name) ?? (await Session.open(url, database, probe));
    sessions.set(name, known);
    return known;
  };
  const run: Run = [];
  try {
    for (const step of steps) {
      const sql = typeof step === 'string' ? { sql: step } : step;
      const outcome = 'join' in sql ? (await session(sql.join)).join() : (await session(sql.on)).run(sql);
      run.push({ step, outcome: await outcome });
    }
    for (const [, one] of [...sessions].sort()) run.push({ step: 'session', outcome: await one.variables() });
    for (const one of sessions.values()) await one.connection.query('ROLLBACK').catch(() => {});
  } finally {
    for (const one of sessions.values()) one.connection.destroy();
  }
  run.push({ step: 'tables', outcome: await contents(url, database, probe) });
  return run;
}

/** All rows of all tables, and where their counters stand. */
async function contents(url: string, database: string, probe: Probe): Promise<unknown> {
  const { connection } = await Session.open(url, database, probe);
  const [names] = await connection.query({
    sql: `SHOW FULL TABLES WHERE Table_type = 'BASE TABLE'`,
    rowsAsArray: true,
  });
  const tables: unknown[] = [];
  for (const [name] of names as unknown as [string][]) {
    const [found] = await connection.query({
      sql: `SELECT * FROM \`${name}\` ORDER BY 1, 2`,
      rowsAsArray: true,
    });
    const [[create]] = (await connection.query(`SHOW CREATE TABLE \`${name}\``)) as unknown as [
      [Record<string, string>],
    ];
    tables.push({ name, found, create: create['Create Table'] });
  }
  connection.destroy();
  return JSON.parse(JSON.stringify(tables).replaceAll(database, 'DB')) as unknown;
}

function compared(one: Run, two: Run, flavour: string): Difference[] {
  return one.flatMap(({ step, outcome }, at) => {
    const other = two[at]!.outcome;
    const documented = expected(step, flavour);
    if (isDeepStrictEqual(outcome, other) && documented === undefined) return [];
    const [plain, captured] =
      step === 'session' || step === 'tables' ? changedParts(outcome, other) : [outcome, other];
    const same = isDeepStrictEqual(outcome, other);
    return [{ statement: textOf(step), plain, captured: same ? 'the same' : captured, documented }];
  });
}

/** Only what differs of long lists. */
function changedParts(one: unknown, two: unknown): [unknown, unknown] {
  const [a, b] = [Object.entries(one as object), Object.entries(two as object)];
  const only = (from: [string, unknown][], other: [string, unknown][]) =>
    from.filter(([key, value]) => !isDeepStrictEqual(value, Object.fromEntries(other)[key]));
  return [only(a, b), only(b, a)];
}

function comparedAsSets(one: Run, two: Run): Difference[] {
  const bare = (run: Run) =>
    run
      .filter(({ step }) => typeof step !== 'string' && 'join' in step)
      .map(({ outcome }) => (outcome as { result: { errno?: number } }).result.errno ?? 0)
      .sort();
  const [plain, captured] = [bare(one), bare(two)];
  return isDeepStrictEqual(plain, captured)
    ? []
    : [{ statement: 'errors of all sessions', plain, captured, documented: undefined }];
}

const expected = (step: Run[number]['step'], flavour: string): string | undefined =>
  typeof step === 'object' && (step.only ?? flavour) === flavour ? step.differs : undefined;

const textOf = (step: Run[number]['step']): string =>
  typeof step === 'string' ? step : 'join' in step ? `join ${step.join}` : step.sql;
