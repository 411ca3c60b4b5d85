import {
  eventKeyWriter,
  header,
  headerText,
  type ChangeEvent,
  type EventKey,
  type WireRow,
} from '@tributary/contract';
import { fatal } from '@tributary/kernel';
import { followTopic, type InRecord } from '@tributary/transport';
import type { OperationContext } from '../context';
import { matchesTable } from '../tables/chosen-tables';
import { captureOf } from '../trace/capture-of';
import { changedColumns, type ChangedColumn } from '../trace/changed-columns';
import { rowInSource } from '../trace/row-in-source';
import { wireKeyOf } from '../trace/row-key';
import { LastImages } from './last-images';

export interface TailInput {
  /** A name, or a pattern with `*`; nothing means all. */
  readonly table?: string | undefined;
  /** The key columns' values of one row of the table, as `trace` takes them. */
  readonly key?: readonly string[] | undefined;
}

/** A change as the sinks get it. */
export interface TailedChange {
  readonly at: string;
  readonly table: string;
  readonly key: WireRow;
  readonly op: ChangeEvent['op'];
  readonly snapshot: boolean;
  readonly version: string;
  /** What changed; of a row that was not seen before, all its columns. */
  readonly columns: readonly ChangedColumn[];
}

/**
 * The changes that come from now on, until the context's signal aborts. What is kept of rows to tell what changed is
 * bounded. Throws a SyncError.
 */
export async function* tailChanges(
  context: OperationContext,
  input: TailInput,
): AsyncGenerator<TailedChange> {
  const { servers, signal } = context;
  const { validated } = servers.config.topics;
  const only = input.key && (await messageKeyOf(context, input.table, input.key));
  if (!(await servers.kafka.admin().topics()).has(validated))
    throw fatal('TOPIC', `There is no topic ${validated} yet: start the services first.`);
  const images = new LastImages();
  for await (const { records } of followTopic(servers.kafka, validated, (_, high) => high, signal))
    for (const record of records) {
      if (only && !record.key?.equals(only)) continue;
      const change = changeOf(record, images, input.table);
      if (change) yield change;
    }
}

/** Nothing for tombstones, control records, other tables, and what is no event. */
function changeOf(
  { key, value, headers }: InRecord,
  images: LastImages,
  wanted: string | undefined,
): TailedChange | undefined {
  const version = headerText(headers, header.version);
  if (!key || !value || !version || headerText(headers, header.control) !== undefined) return undefined;
  try {
    const { table, key: row } = JSON.parse(key.toString('utf8')) as EventKey;
    if (!matchesTable(wanted, table)) return undefined;
    const { op, source, before, after } = JSON.parse(value.toString('utf8')) as ChangeEvent;
    const known = images.exchange(key.toString('latin1'), after, value.length);
    return {
      ...{ table, key: row, op, version },
      at: new Date(source.ts_ms).toISOString(),
      snapshot: source.snapshot === 'true',
      columns: changedColumns(before ?? known, after),
    };
  } catch {
    return undefined;
  }
}

async function messageKeyOf(
  { servers }: OperationContext,
  table: string | undefined,
  key: readonly string[],
): Promise<Buffer> {
  if (table === undefined) throw fatal('USAGE', 'A key is one of a table: name the table as well.');
  const connection = await servers.mysql();
  const { plan, notCaptured } = await captureOf(connection, servers.config, table);
  if (!plan) throw fatal('TABLE', `${notCaptured!.reason} ${notCaptured!.next}`);
  const asked = wireKeyOf(plan.schema, key);
  const { keyJson } = await rowInSource(connection, servers.config.captureSchema, plan, asked);
  return Buffer.from(eventKeyWriter(table)(keyJson));
}
