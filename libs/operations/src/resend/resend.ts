import { keyOf, openMysql, type Connection, type TablePlan } from '@tributary/capture';
import type { Cell, WireRow } from '@tributary/contract';
import { chunked, fatal, RateLimiter, refusedWords } from '@tributary/kernel';
import { keyCells, SourceTable } from '@tributary/snapshot';
import { RepairLog } from '@tributary/verify';
import type { OperationContext } from '../context';
import { RESEND_RATE } from '../defaults';
import { captureOf } from '../trace/capture-of';
import { rowInSource } from '../trace/row-in-source';
import { wireKeyOf } from '../trace/row-key';

export interface ResendInput {
  /** `database.table`. */
  readonly table: string;
  /** Exactly one of these: the row's key as `trace` takes it, an SQL condition, or keys from one up to another. */
  readonly key?: readonly string[] | undefined;
  readonly where?: string | undefined;
  readonly range?: { readonly from?: string | undefined; readonly to?: string | undefined } | undefined;
  /** Rows a second at most; `RESEND_RATE` where it is not given. */
  readonly rate?: number | undefined;
  /** Told how many rows were logged so far. */
  readonly onRows?: ((rows: number) => void) | undefined;
}

export interface ResendResult {
  /** Rows whose present state goes through the pipeline again; of a single key also the absence of its row. */
  readonly rows: number;
  /** Rows that another transaction kept locked. */
  readonly locked: number;
}

/** Rows that one transaction logs: bounds how long a row is locked. */
const TOGETHER = 100;

/**
 * Logs the present state of rows as changes of their own, which bring it to every target again (docs/verify.md,
 * Repair). Throws a SyncError; what was logged before stays.
 */
export async function resendRows(context: OperationContext, input: ResendInput): Promise<ResendResult> {
  const { servers } = context;
  const { config, env } = servers;
  const connection = await servers.mysql();
  const { plan, notCaptured } = await captureOf(connection, config, input.table);
  if (!plan || notCaptured) throw fatal('TABLE', `${notCaptured!.reason} ${notCaptured!.next}`);
  const log = await RepairLog.open(connection, plan, config.captureSchema);
  const sender = new Sender(
    connection,
    plan,
    log,
    new RateLimiter(input.rate ?? RESEND_RATE, context),
    input.onRows,
  );
  const asked = input.key && wireKeyOf(plan.schema, input.key);
  // Of a row that is there the key as it is stored; one that is equal by collation only is not the row's.
  if (asked) await sender.send([(await rowInSource(connection, config.captureSchema, plan, asked)).key]);
  else if (input.range) await sendRange(sender, plan, connection, input.range, context.signal);
  else
    await sendWhere(
      sender,
      new SourceTable(plan, () => openMysql(env.mysqlUrl)),
      input.where,
      context.signal,
    );
  return sender.result;
}

/** Throws a fatal SyncError `USAGE` where the source does not take the condition. */
async function sendWhere(
  sender: Sender,
  source: SourceTable,
  where: string | undefined,
  signal: AbortSignal | undefined,
): Promise<void> {
  try {
    for await (const chunk of source.chunks(where))
      for await (const rows of chunk)
        for (const some of chunked(rows, TOGETHER)) {
          if (signal?.aborted) return;
          await sender.send(some.map(({ key }) => key));
        }
  } catch (error) {
    if ((error as { sqlState?: unknown }).sqlState === undefined) throw error;
    throw fatal('USAGE', `The source does not take the condition: ${refusedWords(error)}.`, error);
  }
}

class Sender {
  #rows = 0;
  #locked = 0;

  constructor(
    private readonly connection: Connection,
    private readonly plan: TablePlan,
    private readonly log: RepairLog,
    private readonly pace: RateLimiter,
    private readonly onRows: ResendInput['onRows'],
  ) {}

  get result(): ResendResult {
    return { rows: this.#rows, locked: this.#locked };
  }

  async send(keys: readonly WireRow[]): Promise<void> {
    const cells = keys.map((key) => keyCells(this.plan.schema, key));
    for (const id of await this.log.rows(this.connection, cells))
      if (id === null) this.#locked += 1;
      else this.#rows += 1;
    this.onRows?.(this.#rows);
    await this.pace.did(keys.length);
  }
}

/** Both ends belong to the range; an end that is not given is open. Nothing outside of it is read. */
async function sendRange(
  sender: Sender,
  plan: TablePlan,
  connection: Connection,
  { from, to }: NonNullable<ResendInput['range']>,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (keyOf(plan).length > 1)
    throw fatal(
      'KEY',
      `The key of ${plan.schema.table} has several columns, so it has no range: use --where.`,
    );
  const cellOf = (key: WireRow) => keyCells(plan.schema, key)[0]!;
  const bound = (text: string | undefined) =>
    text === undefined ? undefined : cellOf(wireKeyOf(plan.schema, [text]));
  const span = { from: bound(from), to: bound(to) };
  const source = new SourceTable(plan, () =>
    Promise.reject(new Error('a range needs no further connection')),
  );
  for (let after: Cell | undefined; !signal?.aborted;) {
    const keys = await source.keysWithin(connection, { ...span, after }, TOGETHER);
    if (keys.length === 0) return;
    await sender.send(keys);
    after = cellOf(keys.at(-1)!);
  }
}
