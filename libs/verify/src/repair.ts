import { eventKeyWriter, fatal, versionParts, type WireRow } from '@tributary/change-event';
import { readShapes, type Connection } from '@tributary/capture';
import type { DeadLetters } from './dead-letters';
import type { Difference, TargetView } from './difference';
import { keyCells } from './key-values';
import { logRepair } from './log-repair';
import type { Pace } from './pace';
import type { PipelineBarrier } from './pipeline-barrier';
import type { SourceTable } from './source-table';

const LOOKS = 5;
/** Rows that are logged side by side, each in a transaction of its own. */
const LANES = 4;

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
  readonly #connections: Connection[] = [];
  #shapeId: number | undefined;

  constructor(
    private readonly deps: {
      readonly source: SourceTable;
      /** Makes connections for transactions; `close` closes them. */
      connect(): Promise<Connection>;
      readonly captureSchema: string;
      readonly barrier: Pick<PipelineBarrier, 'passed'>;
      readonly deadLetters?: Pick<DeadLetters, 'newest'>;
      readonly pace: Pace;
    },
  ) {}

  /** Logs every row anew, waits until the pipeline has applied that, and says what became of each. */
  async repair(differences: readonly Difference[], view: TargetView): Promise<RepairOutcome[]> {
    const keys = differences.map(({ key }) => key).filter((key) => key !== null);
    const entries = await this.#log(keys);
    let open = keys;
    for (let look = 1; open.length > 0 && look <= LOOKS; look += 1)
      open = await this.#stillDifferent(open, view);
    const left = new Set(open);
    const refusals = left.size > 0 ? await this.#refusals(entries) : new Map<WireRow, string>();
    return differences.map((difference) => {
      const { key } = difference;
      if (key === null) return impossible;
      const action = actionOf(difference);
      if (!left.has(key)) return { action, result: 'repaired' };
      const refusal = refusals.get(key);
      return refusal === undefined
        ? { action, result: 'different', note: 'the pipeline has not mended it: see tributary status' }
        : { action, result: 'refused', note: refusal };
    });
  }

  close(): void {
    for (const connection of this.#connections) connection.destroy();
  }

  /** Gives the log id of each key's entry. */
  async #log(keys: readonly WireRow[]): Promise<Map<WireRow, bigint>> {
    const { source, connect, captureSchema, pace } = this.deps;
    while (this.#connections.length < Math.min(LANES, keys.length)) this.#connections.push(await connect());
    const { schema } = source.plan;
    const entries = new Map<WireRow, bigint>();
    if (keys.length === 0) return entries;
    const shapeId = (this.#shapeId ??= await this.#findShape(this.#connections[0]!));
    const waiting = keys.values();
    await Promise.all(
      this.#connections.map(async (connection) => {
        for (const key of waiting) {
          await pace.did(1);
          const cells = keyCells(schema, key);
          entries.set(key, await logRepair(connection, source.plan, { captureSchema, shapeId }, cells));
        }
      }),
    );
    return entries;
  }

  async #stillDifferent(keys: readonly WireRow[], view: TargetView): Promise<WireRow[]> {
    const { source, barrier } = this.deps;
    const rows = await source.find(this.#connections[0]!, keys);
    await barrier.passed(view.target);
    const findings = await view.inspect(
      keys.map((key) => ({ key, row: rows.get(source.keyJson(key))?.row ?? null })),
    );
    return keys.filter((_, at) => findings[at]);
  }

  /** Why repairs were refused: those whose entry, or a later one of the row, is in the dead letters. */
  async #refusals(entries: ReadonlyMap<WireRow, bigint>): Promise<Map<WireRow, string>> {
    const { source, deadLetters } = this.deps;
    const letters = await deadLetters?.newest();
    const eventKey = eventKeyWriter(source.plan.schema.table);
    const refusals = new Map<WireRow, string>();
    for (const [key, id] of entries) {
      const letter = letters?.get(eventKey(source.keyJson(key)));
      if (letter && versionParts(letter.version).id >= id)
        refusals.set(key, `refused again, dead letter ${letter.id} (${letter.code}): ${letter.reason}`);
    }
    return refusals;
  }

  async #findShape(connection: Connection): Promise<number> {
    const { source, captureSchema } = this.deps;
    const { schema } = source.plan;
    const shapes = await readShapes(connection, captureSchema);
    const shape = shapes.find(
      (known) => known.schema.table === schema.table && known.schema.fingerprint === schema.fingerprint,
    );
    if (!shape)
      throw fatal(
        'REPAIR',
        `The present columns of ${schema.table} are not known to capture: run "tributary capture install" first.`,
      );
    return shape.id;
  }
}
