import { captureRows, captureTable } from '@tributary/capture';
import { fatal } from '@tributary/kernel';
import type { TargetName } from '@tributary/sync-config';
import type { ResultSetHeader, RowDataPacket } from 'mysql2/promise';
import type { OperationContext } from '../context';
import type { VerificationResult } from './verification-result';

/** A process that has not spoken for so long is taken for dead. */
const LOST_SECONDS = 30;
const NEWEST = 100;

/** `lost`: its process has ended without a word; `incomplete`: equal as far as it could be compared. */
type VerificationState = 'running' | 'equal' | 'different' | 'incomplete' | 'cancelled' | 'failed' | 'lost';

/** A verification as the capture schema has it; times are ISO 8601, UTC. */
export interface RecordedVerification {
  readonly id: string;
  readonly state: VerificationState;
  /** As it was asked for; `null`: every table, every target. */
  readonly table: string | null;
  readonly target: TargetName | null;
  readonly repair: 'none' | 'plan' | 'do';
  readonly by: string;
  readonly startedAt: string;
  readonly finishedAt: string | null;
  readonly rowsDone: number;
  /** Estimated by the server. */
  readonly rowsTotal: number;
  /** Found so far; at the end those that are left. */
  readonly differences: number;
  readonly error: string | null;
}

/** When a table was last compared as a whole with the targets that were asked for. */
export interface LastVerified {
  readonly table: string;
  readonly target: TargetName;
  /** When that began. */
  readonly at: string;
  readonly equal: boolean;
  /** Of the verification. */
  readonly id: string;
}

const utc = (column: string) => `DATE_FORMAT(${column}, '%Y-%m-%dT%H:%i:%s.%fZ')`;

const isLost = `seen_at < UTC_TIMESTAMP(6) - INTERVAL ${LOST_SECONDS} SECOND`;

const columns = `id, table_pattern AS pattern, target, repair, asked_by AS who, rows_done AS done, rows_total AS total,
  differences, error, ${utc('started_at')} AS started, ${utc('finished_at')} AS finished,
  IF(state = 'running' AND ${isLost}, 'lost', state) AS state`;

/** The newest verifications, newest first; none before capture is installed. */
export async function listVerifications({ servers }: OperationContext): Promise<RecordedVerification[]> {
  const rows = await captureRows(
    await servers.mysql(),
    servers.config.captureSchema,
    (table) => `SELECT ${columns} FROM ${table('verification')} ORDER BY id DESC LIMIT ${NEWEST}`,
  );
  return rows.map(recordOf);
}

/** One verification; its result is `null` until it has ended in order. Throws a fatal SyncError when there is none of that id. */
export async function showVerification(
  { servers }: OperationContext,
  id: string,
): Promise<RecordedVerification & { readonly result: VerificationResult | null }> {
  const [row] = await captureRows(
    await servers.mysql(),
    servers.config.captureSchema,
    (table) => `SELECT ${columns}, result FROM ${table('verification')} WHERE id = ${digits(id)}`,
  );
  if (!row) throw noVerification(id);
  const result = row['result'] as string | null;
  return { ...recordOf(row), result: result === null ? null : (JSON.parse(result) as VerificationResult) };
}

/** Asks a running verification, in whatever process, to end after the rows at hand. */
export async function cancelVerification({ servers }: OperationContext, id: string): Promise<void> {
  const connection = await servers.mysql();
  const [{ affectedRows }] = await connection.query<ResultSetHeader>(
    `UPDATE ${captureTable(servers.config.captureSchema, 'verification')} SET cancel_asked = 1
     WHERE id = ? AND state = 'running' AND NOT ${isLost}`,
    [digits(id)],
  );
  if (affectedRows === 0)
    throw fatal('VERIFICATION', `Verification ${id} does not run: it has ended, or never was.`);
}

/** Of every table and target that was compared as a whole. */
export async function lastVerified({ servers }: OperationContext): Promise<LastVerified[]> {
  const rows = await captureRows(
    await servers.mysql(),
    servers.config.captureSchema,
    (table) =>
      `SELECT table_name AS name, target, differences, verification_id AS id, ${utc('at')} AS begun
       FROM ${table('table_verified')} ORDER BY table_name, target`,
  );
  return rows.map((row) => ({
    table: String(row['name']),
    target: String(row['target']) as TargetName,
    at: String(row['begun']),
    equal: Number(row['differences']) === 0,
    id: String(row['id']),
  }));
}

function recordOf(row: RowDataPacket): RecordedVerification {
  const text = (name: string) => row[name] as string | null;
  return {
    id: String(row['id']),
    state: text('state') as VerificationState,
    table: text('pattern'),
    target: text('target') as TargetName | null,
    repair: text('repair') as RecordedVerification['repair'],
    by: text('who')!,
    startedAt: text('started')!,
    finishedAt: text('finished'),
    rowsDone: Number(row['done']),
    rowsTotal: Number(row['total']),
    differences: Number(row['differences']),
    error: text('error'),
  };
}

function digits(id: string): string {
  if (!/^\d{1,20}$/.test(id)) throw noVerification(id);
  return id;
}

const noVerification = (id: string) =>
  fatal(
    'VERIFICATION',
    `There is no verification ${id}: the newest ${NEWEST} are listed, older ones are forgotten.`,
  );
