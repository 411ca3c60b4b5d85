import { eventKeyWriter, versionParts, type WireRow } from '@tributary/contract';
import { chunked, slowWait, type RateLimiter } from '@tributary/kernel';
import { rowWait, type Connection } from '@tributary/capture';
import type { DeadLetterStore } from '@tributary/dead-letters';
import { keyCells, type SourceTable } from '@tributary/snapshot';
import type { TargetView } from '@tributary/targets';
import type { Difference } from './difference';
import { recheck } from './recheck';
import type { PipelineDrain } from './pipeline-drain';
import { RepairLog } from './repair-log';

/** A row is given up after so many looks that found it different, or that the source changed at every one of. */
const LOOKS = 5;
const CHANGING_LOOKS = 12;
/** Transactions that log rows side by side. */
const LANES = 4;
/** Rows that one transaction logs at most: bounds how long a row is locked. */
const TOGETHER = 100;
/** Seconds of the rate that one transaction uses up at most, so that a low rate does not come in bursts. */
const TOGETHER_SECONDS = 0.1;

/** What became of one difference. */
export interface RepairOutcome {
  /** write: the source's row is sent through the pipeline again; delete: its absence is; none: no change can mend it. */
  readonly action: 'write' | 'delete' | 'none';
  /** refused: the sink put the repair into the dead letters; different: it is still there, see `note`. */
  readonly result: 'planned' | 'repaired' | 'refused' | 'different';
  readonly note?: string;
}

const impossible: RepairOutcome = {
  action: 'none',
  result: 'different',
  note: 'no row of the table can have this key, so no change can remove it: delete it by hand',
};

const actionOf = ({ inSource }: Difference) => (inSource ? 'write' : 'delete');

/** What `Repairer.repair` would do at this moment, without doing it. */
export const planRepair = (differences: readonly Difference[]): RepairOutcome[] =>
  differences.map((difference) =>
    difference.key === null ? impossible : { action: actionOf(difference), result: 'planned' },
  );

/** Mends rows of one table by sending them through the pipeline again, never by writing to a target. */
export class Repairer {
  /** For transactions. */
  readonly #connections: Connection[] = [];
  #reader: Promise<Connection> | undefined;
  #opened: RepairLog | undefined;
  /** Whom the rows that could not be logged were waited for. */
  readonly #holders = new Map<WireRow, string>();
  /** Both targets of a table are repaired side by side, but a connection can be in one transaction only. */
  #logging: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly deps: {
      readonly source: SourceTable;
      /** Makes connections for transactions; `close` closes them. */
      connect(): Promise<Connection>;
      readonly captureSchema: string;
      readonly drain: Pick<PipelineDrain, 'wait'>;
      readonly deadLetters?: Pick<DeadLetterStore, 'newestByRow'>;
      readonly pace: RateLimiter;
      /** Told, again and again once that has taken some seconds, whose lock a row is waited for. */
      onWait?(sentence: string): void;
    },
  ) {}

  /** Logs every row anew, waits until the pipeline has applied that, and says what became of each. */
  async repair(differences: readonly Difference[], view: TargetView): Promise<RepairOutcome[]> {
    const keys = differences.map(({ key }) => key).filter((key) => key !== null);
    const logging = this.#logging.then(() => this.#log(keys));
    this.#logging = logging.catch(() => undefined);
    const entries = await logging;
    const left = await this.#stillDifferent(keys, view);
    const refusals = left.size > 0 ? await this.#refusals(entries) : new Map<WireRow, string>();
    return differences.map((difference) => {
      const { key } = difference;
      if (key === null) return impossible;
      const action = actionOf(difference);
      const why = left.get(key);
      if (why === undefined) return { action, result: 'repaired' };
      const refusal = refusals.get(key);
      if (refusal !== undefined) return { action, result: 'refused', note: refusal };
      const held = this.#holders.get(key);
      const kept = `not sent again: a transaction in the source kept the row locked, try again when it has ended${held ? ` (it waited for ${held})` : ''}`;
      const note = entries.has(key) ? why : kept;
      return { action, result: 'different', note };
    });
  }

  close(): void {
    // Whoever waits for a connection that cannot be had is told there.
    this.#reader?.then((connection) => connection.destroy()).catch(() => undefined);
    for (const connection of this.#connections) connection.destroy();
  }

  /** Gives for each key that could be logged the id of its entry, or a lower one that is past the key's older entries. */
  async #log(keys: readonly WireRow[]): Promise<Map<WireRow, bigint>> {
    const { source, connect, captureSchema, pace } = this.deps;
    const entries = new Map<WireRow, bigint>();
    if (keys.length === 0) return entries;
    while (this.#connections.length < Math.min(LANES, keys.length)) this.#connections.push(await connect());
    const log = (this.#opened ??= await RepairLog.open(this.#connections[0]!, source.plan, captureSchema));
    const size = log.together ? Math.max(1, Math.min(TOGETHER, pace.perSecond * TOGETHER_SECONDS)) : 1;
    const portions = chunked(keys, Math.floor(size)).values();
    await Promise.all(
      this.#connections.map(async (connection) => {
        for (const portion of portions) {
          await pace.did(portion.length);
          const cells = portion.map((key) => keyCells(source.plan.schema, key));
          let held: string | undefined;
          const ids = await slowWait(log.rows(connection, cells), async (seconds) => {
            held = await this.#whom(connection);
            this.deps.onWait?.(`waiting for ${seconds} s for ${held}`);
          });
          for (const [at, key] of portion.entries())
            if (ids[at] !== null) entries.set(key, ids[at]!);
            else if (held !== undefined) this.#holders.set(key, held);
        }
      }),
    );
    return entries;
  }

  /** What the transaction of this connection waits for. */
  async #whom(connection: Connection): Promise<string> {
    const { source, connect } = this.deps;
    return rowWait(await (this.#reader ??= connect()), connection.threadId, source.plan.schema.table);
  }

  /** Why rows are not known to be equal after the repair. */
  async #stillDifferent(keys: readonly WireRow[], view: TargetView): Promise<Map<WireRow, string>> {
    const left = new Map<WireRow, string>();
    let open = keys.map((key) => ({ key, different: 0, changing: 0 }));
    if (open.length === 0) return left;
    const { source, drain } = this.deps;
    const connection = await (this.#reader ??= this.deps.connect());
    while (open.length > 0) {
      const asked = open.map(({ key }) => key);
      const { drained, seen } = await recheck({ source, view, drain, connection }, asked);
      const why = drained.passed ? 'see tributary status' : drained.why;
      if (!drained.passed && drained.ended) {
        for (const { key } of open) left.set(key, `sent again, and ${why}`);
        break;
      }
      open = open.filter((row, at) => {
        const { is } = seen[at]!;
        if (is === 'equal') return false;
        row[is] += 1;
        if (row.different === LOOKS) left.set(row.key, `the pipeline has not mended it: ${why}`);
        if (row.changing === CHANGING_LOOKS)
          left.set(row.key, 'the source changed it at every look, so nothing can be said of it');
        return !left.has(row.key);
      });
    }
    return left;
  }

  /** Why repairs were refused: those whose entry, or a later one of the row, is in the dead letters. */
  async #refusals(entries: ReadonlyMap<WireRow, bigint>): Promise<Map<WireRow, string>> {
    const { source, deadLetters } = this.deps;
    const newest = await deadLetters?.newestByRow();
    const eventKey = eventKeyWriter(source.plan.schema.table);
    const refusals = new Map<WireRow, string>();
    for (const [key, id] of entries) {
      const deadLetter = newest?.get(eventKey(source.keyJson(key)));
      if (deadLetter && versionParts(deadLetter.version).id >= id)
        refusals.set(
          key,
          `refused again, dead letter ${deadLetter.id} (${deadLetter.code}): ${deadLetter.reason}`,
        );
    }
    return refusals;
  }
}
