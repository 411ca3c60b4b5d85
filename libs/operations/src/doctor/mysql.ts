import {
  captureReport,
  captureRows,
  planUsable,
  suspensionOf,
  type CaptureStatus,
  type Connection,
  type Finding,
} from '@tributary/capture';
import type { SyncConfig } from '@tributary/sync-config';
import type { RowDataPacket } from 'mysql2/promise';
import { checksOf, clockCheck, type Check } from '@tributary/kernel';

const { pass, warn, fail } = checksOf('mysql');

export async function mysqlChecks(connection: Connection, config: SyncConfig): Promise<Check[]> {
  const usable = await planUsable(connection, config);
  const { faults, findings, refusals, plan } = usable;
  const { statuses } = await captureReport(connection, config, usable);
  const checks = [
    await clock(connection),
    ...refusals
      .filter((message) => !faults.some((fault) => fault.message === message))
      .map((message) => fail('server', ...parts(message))),
    ...findings.flatMap(findingCheck),
    ...faults.map((fault): Check => {
      const { table, reason, remedy } = suspensionOf(fault);
      return { ...fail('table', reason, remedy), table };
    }),
    ...captureChecks(statuses, await wasInstalled(connection, config)),
  ];
  const { length } = plan.plans;
  return [
    pass(
      'answers',
      `It answers, and ${length} ${length === 1 ? 'table' : 'tables'} of the sync file can be captured.`,
    ),
    ...checks,
  ];
}

async function clock(connection: Connection): Promise<Check> {
  const asked = Date.now();
  const [[row]] = await connection.query<RowDataPacket[]>('SELECT UNIX_TIMESTAMP(NOW(6)) * 1000 AS ms');
  return clockCheck('mysql', Number(row!['ms']), asked, Date.now());
}

/** Refusals of the whole server are in `refusals` already, those of tables in `faults`; notes ask for nothing. */
function findingCheck({ level, message, table }: Finding): Check[] {
  if (level !== 'warn') return [];
  return [{ ...warn(table ? 'table' : 'server', ...parts(message)), ...(table && { table }) }];
}

/** A suspended table is told with its reason above. */
function captureChecks(statuses: readonly CaptureStatus[], installed: boolean): Check[] {
  const told = statuses.filter(({ state }) => state !== 'suspended');
  const drifted = told.filter(({ state }) => state !== 'ok');
  if (!installed && told.every(({ state }) => state === 'missing'))
    return [warn('capture', 'Capture is not installed yet.', 'tributary capture install')];
  if (drifted.length === 0) return [pass('capture', 'The triggers agree with the tables and the sync file.')];
  return drifted.map(({ table, state, detail }): Check => {
    const [sentence, fix] = parts(detail);
    return { ...fail('capture', `${table}: ${state}. ${sentence}`, fix), table };
  });
}

/** Whether triggers were ever made for this sync file: then one that is missing is a loss. */
async function wasInstalled(connection: Connection, { captureSchema }: SyncConfig): Promise<boolean> {
  const rows = await captureRows(
    connection,
    captureSchema,
    (table) => `SELECT 1 AS one FROM ${table('table_shape')} LIMIT 1`,
  );
  return rows.length > 0;
}

/** Messages name what is wrong, then the remedy. */
function parts(message: string): [sentence: string, fix: string] {
  const { reason, remedy } = suspensionOf({ table: '', code: 'UNFIT', message });
  return [reason, remedy];
}
