import { captureTable, openMysql, type Connection } from '@tributary/capture';
import { fatal } from '@tributary/kernel';
import type { SettledDifference } from '@tributary/verify';
import type { ResultSetHeader, RowDataPacket } from 'mysql2/promise';
import { explain } from '../explain';
import type { Servers } from '../servers';
import type { VerificationInput } from './input';
import { differencesLeft, uncheckedCandidates, type VerificationResult } from './verification-result';

/** How often a run says that it goes on, and hears whether it is to end. */
const BEAT_MS = 2_000;
/** Older ones are forgotten when a new one begins. */
const KEPT = 1_000;
/** Of the differences a record keeps so many, each value cut to so many characters: bounds a record (R13). */
const KEPT_EXAMPLES = 200;
const KEPT_CHARACTERS = 2_000;

/** What a run tells its record. */
export interface Recorded {
  /** Absent: it is not recorded. */
  readonly id?: string;
  /** Aborts when somebody has asked for its end. */
  readonly cancelled: AbortSignal;
  progress(table: string, done: number, total: number): void;
  difference(): void;
  end(ending: {
    readonly result?: VerificationResult;
    readonly error?: unknown;
    readonly aborted: boolean;
  }): Promise<void>;
}

/** Keeps in the capture schema what a verification was asked for, how far it is and what it found. */
export class VerificationRecord implements Recorded {
  readonly #cancel = new AbortController();
  readonly #tables = new Map<string, { done: number; total: number }>();
  #differences = 0;
  #beat: NodeJS.Timeout | undefined;
  #beating: Promise<unknown> = Promise.resolve();

  private constructor(
    readonly id: string,
    private connection: Connection,
    private readonly deps: {
      readonly connect: () => Promise<Connection>;
      readonly captureSchema: string;
      readonly input: VerificationInput;
      readonly note: (sentence: string) => void;
    },
  ) {}

  /**
   * A schema that cannot be written, as an older version's, is told in one sentence and does not stop the run; where it
   * must be recorded it does, by a fatal SyncError `NOT_RECORDED`.
   */
  static async begin(
    servers: Servers,
    input: VerificationInput,
    note: (sentence: string) => void,
  ): Promise<Recorded> {
    const { captureSchema } = servers.config;
    const connect = () => openMysql(servers.env.mysqlUrl);
    const connection = await connect();
    const table = captureTable(captureSchema, 'verification');
    const { table: pattern = null, target = null, repair = 'none', by } = input;
    try {
      const [{ insertId }] = await connection.query<ResultSetHeader>(
        `INSERT INTO ${table} (table_pattern, target, repair, asked_by, state, started_at, seen_at)
         VALUES (?, ?, ?, ?, 'running', UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))`,
        [pattern, target, repair, by.slice(0, 255)],
      );
      const record = new VerificationRecord(String(insertId), connection, {
        connect,
        captureSchema,
        input,
        note,
      });
      await record.#forget(insertId - KEPT);
      record.#beat = setInterval(() => {
        record.#beating = record.#say();
      }, BEAT_MS);
      return record;
    } catch (error) {
      connection.destroy();
      const why = `This verification is not recorded (${explain(error)}) tributary capture install brings the capture schema up to date.`;
      if (input.mustRecord) throw fatal('NOT_RECORDED', why, error);
      note(why);
      return unrecorded;
    }
  }

  get cancelled(): AbortSignal {
    return this.#cancel.signal;
  }

  progress(table: string, done: number, total: number): void {
    this.#tables.set(table, { done, total: Math.max(done, Math.round(total)) });
  }

  difference(): void {
    this.#differences += 1;
  }

  /** A connection that was lost meanwhile is made anew once; an end that cannot be written is told, and is no failure. */
  async end(ending: Parameters<Recorded['end']>[0]): Promise<void> {
    clearInterval(this.#beat);
    await this.#beating;
    try {
      await this.#end(ending).catch(async () => {
        this.connection.destroy();
        this.connection = await this.deps.connect();
        await this.#end(ending);
      });
    } catch (error) {
      this.deps.note(`The end of verification ${this.id} could not be recorded (${explain(error)})`);
    } finally {
      this.connection.destroy();
    }
  }

  async #end({ result, error, aborted }: Parameters<Recorded['end']>[0]): Promise<void> {
    const left = result ? differencesLeft(result) : this.#differences;
    await this.#update(
      'state = ?, differences = ?, error = ?, result = ?, finished_at = UTC_TIMESTAMP(6)',
      stateOf(result, aborted),
      left,
      error === undefined ? null : explain(error),
      result ? JSON.stringify(result, kept) : null,
    );
    if (result && !aborted && this.deps.input.sample === undefined) await this.#noteTables(result);
  }

  /** Older records than the newest, which a new one does without. */
  async #forget(upTo: number): Promise<void> {
    await this.connection
      .query(`DELETE FROM ${captureTable(this.deps.captureSchema, 'verification')} WHERE id <= ?`, [upTo])
      .catch((error: unknown) =>
        this.deps.note(`Old verifications could not be forgotten (${explain(error)})`),
      );
  }

  /** A run whose word cannot be kept goes on: what it finds counts. */
  async #say(): Promise<void> {
    try {
      await this.#update('differences = ?', this.#differences);
      const [[row]] = await this.connection.query<RowDataPacket[]>(
        `SELECT cancel_asked AS asked FROM ${captureTable(this.deps.captureSchema, 'verification')} WHERE id = ?`,
        [this.id],
      );
      if (Number(row?.['asked'])) this.#cancel.abort();
    } catch {
      // `end` tells it, if it still holds then.
    }
  }

  async #update(assignments: string, ...values: unknown[]): Promise<void> {
    const counts = [...this.#tables.values()];
    const sum = (of: 'done' | 'total') => counts.reduce((all, count) => all + count[of], 0);
    await this.connection.query(
      `UPDATE ${captureTable(this.deps.captureSchema, 'verification')}
       SET rows_done = ?, rows_total = ?, seen_at = UTC_TIMESTAMP(6), ${assignments} WHERE id = ?`,
      [sum('done'), sum('total'), ...values, this.id],
    );
  }

  /** A whole comparison says of each of its tables since when it is known to be equal, or is not. */
  async #noteTables({ reports: all }: VerificationResult): Promise<void> {
    // Of a table of which not all was looked at nothing can be said, unless it is known to be different.
    const reports = all.filter((report) => !report.unchecked || differencesLeft({ reports: [report] }) > 0);
    if (reports.length === 0) return;
    const [[begun]] = await this.connection.query<RowDataPacket[]>(
      `SELECT CAST(started_at AS CHAR) AS at FROM ${captureTable(this.deps.captureSchema, 'verification')} WHERE id = ?`,
      [this.id],
    );
    if (!begun) return;
    await this.connection.query(
      `REPLACE INTO ${captureTable(this.deps.captureSchema, 'table_verified')}
       (table_name, target, verification_id, differences, at) VALUES ?`,
      [
        reports.map((report) => [
          report.table,
          report.target,
          this.id,
          differencesLeft({ reports: [report] }),
          begun['at'],
        ]),
      ],
    );
  }
}

const unrecorded: Recorded = {
  cancelled: new AbortController().signal,
  progress() {},
  difference() {},
  end: async () => {},
};

function stateOf(result: VerificationResult | undefined, aborted: boolean): string {
  if (!result) return aborted ? 'cancelled' : 'failed';
  if (aborted) return 'cancelled';
  if (differencesLeft(result) > 0) return 'different';
  return result.suspended.length > 0 || uncheckedCandidates(result) > 0 ? 'incomplete' : 'equal';
}

function kept(name: string, value: unknown): unknown {
  if (name === 'examples') return (value as SettledDifference[]).slice(0, KEPT_EXAMPLES);
  return typeof value === 'string' && value.length > KEPT_CHARACTERS
    ? `${value.slice(0, KEPT_CHARACTERS)}…`
    : value;
}
