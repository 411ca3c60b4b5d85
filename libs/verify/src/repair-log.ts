import { keyColumns, rowCodec, type Cell, type RowCodec } from '@tributary/contract';
import { fatal, hasErrno, mysqlErrno } from '@tributary/kernel';
import {
  captureTable,
  columnOf,
  guardedImage,
  imageExpression,
  keyedRows,
  logRows,
  readShapes,
  textLiteral,
  type Connection,
  type TablePlan,
} from '@tributary/capture';
import type { ResultSetHeader, RowDataPacket } from 'mysql2/promise';

type Key = readonly Cell[];

const TRIES = 5;

/**
 * Logs the present state of rows of one table, as changes of their own with versions of their own (docs/verify.md,
 * Repair): op r with the image when the source has the row, op d when it has not. A row stays locked until its entry is
 * committed, so the entry takes its true place among the changes of the row. Connections must be in no transaction.
 */
export class RepairLog {
  readonly #codec: RowCodec;
  readonly #keyImage: string;
  readonly #rowImage: string;

  private constructor(
    private readonly plan: TablePlan,
    private readonly captureSchema: string,
    private readonly shapeId: number,
    /** Whether one transaction may log several rows. */
    readonly together: boolean,
  ) {
    this.#codec = rowCodec(plan.schema);
    this.#keyImage = imageExpression(keyColumns(plan.schema), columnOf(plan), plan.flavour);
    this.#rowImage = guardedImage(plan, columnOf(plan));
  }

  /** Throws a fatal SyncError `REPAIR` when capture does not know the table as it is now. */
  static async open(connection: Connection, plan: TablePlan, captureSchema: string): Promise<RepairLog> {
    const { table, fingerprint } = plan.schema;
    const shape = (await readShapes(connection, captureSchema)).find(
      ({ schema }) => schema.table === table && schema.fingerprint === fingerprint,
    );
    if (!shape)
      throw fatal(
        'REPAIR',
        `The present columns of ${table} are not known to capture: run "tributary capture install" first.`,
      );
    return new RepairLog(plan, captureSchema, shape.id, await canLogTogether(connection, captureSchema));
  }

  /**
   * Logs rows, in one transaction where that cannot get in anybody's way. Gives for each key the id of its entry, or
   * a lower one that is past the key's older entries; null where another transaction kept the row locked too long.
   */
  async rows(connection: Connection, keys: readonly Key[]): Promise<(bigint | null)[]> {
    const together = this.together && keys.length > 1;
    const { firstId, logged } = together
      ? await this.#present(connection, keys)
      : { firstId: 0n, logged: new Set<Key>() };
    const ids: (bigint | null)[] = [];
    for (const key of keys)
      ids.push(logged.has(key) ? firstId : await this.#one(connection, key).catch(nullIfLocked));
    return ids;
  }

  /**
   * Logs one row, or its absence, and waits for whoever has it locked. No other row is locked with it, so that an
   * application never meets a deadlock. REPEATABLE READ, whatever the server's default: only there an absent row is
   * locked too, as a gap, so that no insert gets between the look and the entry.
   */
  #one(connection: Connection, key: Key): Promise<bigint> {
    return transaction(connection, 'REPEATABLE READ', async () => {
      const [held] = await this.#lock(connection, [key], 'FOR UPDATE');
      // A key may be equal by collation only: then this very key has no row.
      return held === this.#codec.key(key)
        ? this.#insert(connection, 'r', this.#images([key]))
        : this.#insert(connection, 'd', `SELECT ${textLiteral(JSON.stringify(key))} AS k, NULL AS a`);
    });
  }

  /**
   * Logs those of the rows that the source has and nobody has locked. It waits for no row while it has others locked,
   * so it keeps out of deadlocks like `#one`. Only the rows themselves are locked (READ COMMITTED): neither gaps nor
   * rows that are merely looked at.
   */
  async #present(connection: Connection, keys: readonly Key[]) {
    return transaction(connection, 'READ COMMITTED', async () => {
      const locked = new Set(await this.#lock(connection, keys, 'FOR UPDATE SKIP LOCKED'));
      const rows = keys.filter((key) => locked.has(this.#codec.key(key)));
      const firstId = rows.length > 0 ? await this.#insert(connection, 'r', this.#images(rows)) : 0n;
      return { firstId, logged: new Set(rows) };
    });
  }

  #images(keys: readonly Key[]): string {
    return `SELECT ${this.#keyImage} AS k, ${this.#rowImage} AS a ${keyedRows(this.plan, keys)}`;
  }

  /** The keys of the rows that are locked now, in the form of the wire: the server's own has leading zeros and the like. */
  async #lock(connection: Connection, keys: readonly Key[], how: string): Promise<string[]> {
    const [found] = await connection.query<RowDataPacket[]>(
      `SELECT ${this.#keyImage} AS k ${keyedRows(this.plan, keys)} ${how}`,
    );
    return found.map((row) => this.#codec.key(JSON.parse(row['k'] as string) as Cell[]));
  }

  /** Gives the id of the first entry. */
  async #insert(connection: Connection, op: 'r' | 'd', entries: string): Promise<bigint> {
    const [{ insertId }] = await connection.query<ResultSetHeader>(
      logRows(this.captureSchema, this.shapeId, op, entries),
    );
    return BigInt(insertId);
  }
}

/** The entries of one statement must not wait for a lock of AUTO_INCREMENT, nor be replicated as a statement. */
async function canLogTogether(connection: Connection, captureSchema: string): Promise<boolean> {
  const [[settings]] = await connection.query<RowDataPacket[]>(
    `SELECT @@innodb_autoinc_lock_mode = 2 AND @@binlog_format <> 'STATEMENT' AS fit`,
  );
  if (String(settings!['fit']) !== '1') return false;
  try {
    await connection.query(
      `SELECT id FROM ${captureTable(captureSchema, 'change_log')} WHERE FALSE FOR UPDATE SKIP LOCKED`,
    );
    return true;
  } catch (error) {
    // MariaDB before 10.6 has no SKIP LOCKED.
    if (hasErrno(error, mysqlErrno.PARSE)) return false;
    throw error;
  }
}

function nullIfLocked(error: unknown): null {
  if (hasErrno(error, mysqlErrno.LOCK_WAIT_TIMEOUT)) return null;
  throw error;
}

/** Runs `work` in a transaction, again when the server has ended it for a deadlock. */
async function transaction<T>(
  connection: Connection,
  isolation: 'READ COMMITTED' | 'REPEATABLE READ',
  work: () => Promise<T>,
): Promise<T> {
  for (let left = TRIES; ; left -= 1) {
    await connection.query(`SET TRANSACTION ISOLATION LEVEL ${isolation}`);
    await connection.query('START TRANSACTION');
    try {
      const result = await work();
      await connection.query('COMMIT');
      return result;
    } catch (error) {
      await connection.query('ROLLBACK').catch(() => undefined);
      if (!hasErrno(error, mysqlErrno.LOCK_DEADLOCK) || left === 1) throw error;
    }
  }
}
