import type { RawCell } from '@tributary/contract';
import type { SyncConfig } from '@tributary/sync-config';
import { describeTables, LogReader, rereadRow, type TablePlan } from '../src';
import type { Source } from './servers';

/** Plays the relay for one source: applies the log to a target that begins empty, and says what the source holds. */
export class Follower {
  /** Cells of each row by `table:key`. */
  readonly target = new Map<string, string>();

  private constructor(
    private readonly source: Source,
    readonly plans: readonly TablePlan[],
    private readonly reader: LogReader,
    private readonly planOf: ReadonlyMap<number, TablePlan>,
  ) {}

  /** Capture must be installed. */
  static async open(source: Source, config: SyncConfig): Promise<Follower> {
    const plans = await describeTables(source.relay, config);
    const { url, captureSchema } = source;
    const reader = await LogReader.open({ url, captureSchema, owner: 'follower' });
    await reader.acquireLease();
    const [shapes] = (await source.admin.query(
      `SELECT id, table_name AS name FROM ${captureSchema}.table_shape`,
    )) as unknown as [{ id: number; name: string }[]];
    const planOf = new Map(
      shapes.map(({ id, name }) => [id, plans.find(({ settings }) => settings.table === name)!]),
    );
    return new Follower(source, plans, reader, planOf);
  }

  /** Applies what the log holds. Fails on an entry whose checksum is wrong, and on one of a row without key. */
  async follow(): Promise<void> {
    const batch = await this.reader.readBatch(10_000, 1e7);
    for (const { op, shapeId, rowKey, after, intact } of batch) {
      if (!intact || op === 'k') throw new Error(`entry ${op} of shape ${shapeId}`);
      if (op === 'm') continue;
      const plan = this.planOf.get(shapeId)!;
      const cells: readonly RawCell[] | null =
        op === 'd' ? null : (after ?? (await rereadRow(this.source.relay, plan, rowKey)));
      const key = `${plan.settings.name}:${rowKey.join(':')}`;
      if (cells === null) this.target.delete(key);
      else this.target.set(key, cells.join('|'));
    }
    await this.reader.acknowledge(batch.map(({ id }) => id));
  }

  /** The source's rows as the target should hold them; of columns that come as text the same on both ways. */
  async present(): Promise<Map<string, string>> {
    const rows = new Map<string, string>();
    for (const plan of this.plans) {
      const names = plan.schema.columns.map(({ name }) => name);
      const [found] = (await this.source.admin.query({
        sql: `SELECT ${names.map((name) => `\`${name}\``).join(', ')} FROM \`${plan.settings.name}\``,
        rowsAsArray: true,
      })) as unknown as [unknown[][]];
      for (const row of found) {
        const key = plan.keyColumns.map((name) => String(row[names.indexOf(name)])).join(':');
        rows.set(`${plan.settings.name}:${key}`, row.join('|'));
      }
    }
    return rows;
  }

  close(): Promise<void> {
    return this.reader.close();
  }
}

/** For comparison by `toEqual`. */
export const sorted = (rows: ReadonlyMap<string, string>) => Object.fromEntries([...rows].sort());
