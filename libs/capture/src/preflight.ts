import {
  keyCollisions,
  mongoCollectionFault,
  mongoDatabaseFault,
  type SyncConfig,
  type TableSettings,
} from '@tributary/sync-config';
import type { Connection } from 'mysql2/promise';
import type { CapturePlan } from './capture-plan';
import type { Cascades } from './cascades';
import type { TablePlan } from './describe';
import { readTriggers } from './existing-triggers';
import type { Finding } from './finding';
import type { Flavour } from './flavour';
import { currentGrants, grantRemedy, type Grants } from './grants';
import { presentTables } from './capture-schema';
import { captureTables } from './capture-tables';
import { select } from './query';
import { filterFindings } from './row-filter';
import { readServerSettings, serverFindings } from './server-findings';

/** Checks all that could make capture, or the application's writes under it, fail; changes nothing. */
export async function preflight(
  connection: Connection,
  config: SyncConfig,
  { plans, cascades }: CapturePlan,
): Promise<Finding[]> {
  const grants = await currentGrants(connection);
  const server = await readServerSettings(connection);
  const present = await presentTables(connection, config.captureSchema);
  const flavour = plans[0]?.flavour ?? 'mysql';
  return [
    ...serverFindings(server, grants, flavour, plans.length),
    ...(await logEngines(connection, config.captureSchema)),
    ...(present.size === 0 ? firstNotes(flavour) : []),
    ...schemaRights(grants, server.account, config.captureSchema, present.size > 0),
    ...plans.flatMap((plan) => tableFindings(plan, grants, server.account)),
    ...keyCollisions(plans.map(({ settings }) => settings)).map(({ table, message }): Finding => ({
      level: 'warn',
      table,
      message,
    })),
    ...cascadeFindings(plans, cascades, grants, server.account),
    ...(await filterFindings(connection, plans)),
    ...(await foreignTriggers(connection, config.captureSchema, plans)),
  ];
}

/** What people who work on the source should know before capture begins; docs/application.md says more. */
function firstNotes(flavour: Flavour): Finding[] {
  const locks = `LOCK TABLES ... WRITE on one captured table locks the change log as well, so writes to every captured table wait until UNLOCK TABLES: use START TRANSACTION with SELECT ... FOR UPDATE instead, and mysqldump --single-transaction --skip-add-locks for dumps that are restored here.`;
  const dumps = `A dump takes our triggers along, and on a server without the capture schema they fail every write of their tables: use mysqldump --skip-triggers for dumps that are restored on other servers.`;
  const note = (message: string): Finding => ({ level: 'note', message });
  return [...(flavour === 'mysql' ? [note(locks)] : []), note(dumps)];
}

/** As when the schema was restored, or made, where another engine is enforced. */
async function logEngines(connection: Connection, schema: string): Promise<Finding[]> {
  const others = await select<{ name: string; engine: string }>(
    connection,
    `SELECT table_name AS \`name\`, engine AS \`engine\` FROM information_schema.tables
     WHERE table_schema = ? AND table_name IN (?) AND engine <> 'InnoDB'`,
    [schema, Object.keys(captureTables)],
  );
  return others.map(({ name, engine }) => ({
    level: 'refuse',
    message: `${schema}.${name} uses the engine ${engine}, so what it logs is not transactional: run ALTER TABLE \`${schema}\`.\`${name}\` ENGINE = InnoDB.`,
  }));
}

function schemaRights(grants: Grants, account: string, schema: string, exists: boolean): Finding[] {
  const needed = ['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'CREATE TEMPORARY TABLES'];
  const lacking = [...(exists ? [] : ['CREATE']), ...needed].filter((right) => !grants.has(right, schema));
  if (lacking.length === 0) return [];
  return [
    {
      level: 'refuse',
      message: `${account} lacks ${lacking.join(', ')} on the capture schema ${schema}: an administrator must run ${grantRemedy(lacking, schema, account)}.`,
    },
  ];
}

function tableFindings({ settings, engine }: TablePlan, grants: Grants, account: string): Finding[] {
  const { table, database } = settings;
  const findings = [...lackingRights(table, grants, account, ''), ...targetNames(settings)];
  if (!grants.has('LOCK TABLES', database))
    findings.push({
      level: 'note',
      table,
      message: `${account} lacks LOCK TABLES on ${database}, so exchanging the triggers of ${table} may log a change twice (harmless).`,
    });
  if (engine !== 'InnoDB')
    findings.push({
      level: 'refuse',
      table,
      code: 'ENGINE',
      message: `${table} uses the engine ${engine}, whose changes are not transactional: run ALTER TABLE ${table} ENGINE = InnoDB, or take it out of the sync file.`,
    });
  return findings;
}

/** Names that the target may refuse: no reason to hold up Redis, or other tables, so the rows will be dead letters. */
function targetNames({ table, mongo }: TableSettings): Finding[] {
  const fault = mongo.enabled
    ? (mongoDatabaseFault(mongo.database) ?? mongoCollectionFault(mongo.collection))
    : null;
  if (fault === null) return [];
  const where = `its default place in MongoDB, ${mongo.database}.${mongo.collection}`;
  const remedy = `Set mongo.database and mongo.collection of the table in the sync file, or mongo.enabled: false; what MongoDB refuses becomes a dead letter`;
  return [{ level: 'warn', table, message: `${table}: ${fault} (${where}). ${remedy}.` }];
}

/** `why`: what a table that is not in the sync file has to do with it. */
function lackingRights(table: string, grants: Grants, account: string, why: string): Finding[] {
  const dot = table.indexOf('.');
  const [database, name] = [table.slice(0, dot), table.slice(dot + 1)];
  const lacking = ['SELECT', 'TRIGGER'].filter((right) => !grants.has(right, database, name));
  if (lacking.length === 0) return [];
  const remedy = grantRemedy(lacking, database, account);
  const message = `${account} lacks ${lacking.join(', ')} on ${table}${why}: an administrator must run ${remedy}.`;
  return [{ level: 'refuse', table, code: 'RIGHTS', message }];
}

function cascadeFindings(
  plans: readonly TablePlan[],
  { parents, faults }: Cascades,
  grants: Grants,
  account: string,
): Finding[] {
  const captured = new Set(plans.map(({ settings }) => settings.table));
  const others = new Set(parents.flatMap(({ tables }) => tables).filter((table) => !captured.has(table)));
  return [
    ...faults.map((fault): Finding => ({ level: 'refuse', code: 'CASCADES', ...fault })),
    ...[...others].flatMap((table) =>
      lackingRights(table, grants, account, ', whose foreign keys cascade into captured tables'),
    ),
  ];
}

async function foreignTriggers(
  connection: Connection,
  captureSchema: string,
  plans: readonly TablePlan[],
): Promise<Finding[]> {
  const { foreign } = await readTriggers(connection, captureSchema);
  const tables = new Set(plans.map(({ settings }) => settings.table));
  return foreign
    .filter(({ table }) => tables.has(table))
    .map(({ name, table, timing, event }) => ({
      level: 'note',
      table,
      message: `${table} has a trigger of its own, ${name} (${timing} ${event}): it stays as it is, and what it writes to captured tables is captured.`,
    }));
}
