import { rowEntries, type Connection, type RowEntry, type TablePlan } from '@tributary/capture';
import { rowCodec, type WireRow } from '@tributary/contract';
import { SourceTable } from '@tributary/snapshot';

/** A row as the source has it now, and what of it the change log still holds. */
export interface RowInSource {
  /** As stored: a key that is equal by collation only has its own spelling. */
  readonly key: WireRow;
  /** JSON text of the key, as message keys have it. */
  readonly keyJson: string;
  /** `null`: there is none that the row filter lets through. */
  readonly row: WireRow | null;
  /** There is one, which `where` of the sync file leaves out. */
  readonly filteredOut: boolean;
  readonly log: readonly RowEntry[];
  /** The log holds so many entries of the table that not all were looked through. */
  readonly logCut: boolean;
}

const noMore = () => Promise.reject(new Error('one row needs no further connection'));

export async function rowInSource(
  connection: Connection,
  captureSchema: string,
  plan: TablePlan,
  asked: WireRow,
): Promise<RowInSource> {
  const table = new SourceTable(plan, noMore);
  const unfiltered = new SourceTable({ ...plan, settings: { ...plan.settings, where: null } }, noMore);
  const [stored] = await unfiltered.keysFor(connection, [asked]);
  const key = stored ?? asked;
  const keyJson = table.keyJson(key);
  const row = (await table.find(connection, [key])).get(keyJson)?.row ?? null;
  const codec = rowCodec(plan.schema);
  // By the wire's form: the server's own has leading zeros and the like.
  const isRow = (cells: readonly (string | null)[]) => codec.key(cells) === keyJson;
  const { entries, cut } = await rowEntries(connection, captureSchema, plan.schema.table, isRow);
  return {
    ...{ key, keyJson, row, log: entries, logCut: cut },
    filteredOut: stored !== undefined && row === null && plan.settings.where !== null,
  };
}
