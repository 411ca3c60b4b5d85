import {
  header,
  headerText,
  keyColumns,
  lastHeaderText,
  deadLetterHeader,
  parseVersion,
  rowKeyText,
  type EventKey,
} from '@tributary/change-event';
import { readTopic, type Kafka, type OutRecord, type SchemaStore, type Watermarks } from '@tributary/kafka';
import type { SyncConfig, TableSettings } from '@tributary/sync-config';
import type { RowRef, VersionReader } from '@tributary/targets';
import type { TargetName } from '@tributary/verify';
import { identityOf, originalOf } from './letter';
import { resolvedBy } from './marks';

/** What became of replayed events in one target. */
export interface TargetOutcome {
  /** It holds exactly this state of the row now. */
  applied: number;
  /** It holds a newer state, a delete included. */
  superseded: number;
  /** The event is in the dead letters again. */
  rejected: number;
  /** Neither can be seen (yet). */
  pending: number;
}

export const noOutcome = (): TargetOutcome => ({ applied: 0, superseded: 0, rejected: 0, pending: 0 });

export interface OutcomeDeps {
  readonly config: SyncConfig;
  readonly schemas: Pick<SchemaStore, 'get'>;
  readonly readers: Readonly<Partial<Record<TargetName, VersionReader>>>;
}

/** A replayed event and the `identityOf` of it. */
export type Replayed = ReadonlyMap<string, OutRecord>;

/** The targets whose stage has refused each event since `before`; a refusal of the validator keeps it from both. */
export async function rejectedAgain(
  kafka: Kafka,
  topic: string,
  before: ReadonlyMap<number, Watermarks>,
  events: Replayed,
): Promise<Map<string, Set<TargetName>>> {
  const rejected = new Map<string, Set<TargetName>>();
  const from = new Map([...before].map(([partition, { high }]) => [partition, high]));
  for await (const { partition, records } of readTopic(kafka, topic, from))
    for (const record of records) {
      if (resolvedBy(record.headers) !== undefined) continue;
      const identity = identityOf(originalOf(record, partition));
      if (!events.has(identity)) continue;
      const targets = rejected.get(identity) ?? new Set();
      for (const target of targetsOf(lastHeaderText(record.headers, deadLetterHeader.stage)))
        targets.add(target);
      rejected.set(identity, targets);
    }
  return rejected;
}

const targetsOf = (stage: string | undefined): TargetName[] =>
  stage === 'mongo-sink' ? ['mongo'] : stage === 'redis-sink' ? ['redis'] : ['mongo', 'redis'];

/** Looks up in each target what it holds of the events' rows, by version (R4). */
export async function outcomes(
  { config, schemas, readers }: OutcomeDeps,
  events: Replayed,
  rejected: ReadonlyMap<string, ReadonlySet<TargetName>>,
): Promise<Map<TargetName, TargetOutcome>> {
  const result = new Map<TargetName, TargetOutcome>();
  for (const [target, reader] of Object.entries(readers) as [TargetName, VersionReader][]) {
    const outcome = noOutcome();
    result.set(target, outcome);
    const asked: (RowRef & { version: bigint })[] = [];
    for (const [identity, event] of events) {
      const row = rowOf(event, config, schemas);
      if (row && !row.table[target].enabled) continue;
      if (rejected.get(identity)?.has(target)) outcome.rejected += 1;
      else if (row) asked.push(row);
      else outcome.pending += 1;
    }
    const held = await reader.versions(asked);
    asked.forEach(({ version }, at) => {
      const now = held[at];
      if (now === version) outcome.applied += 1;
      else if (now !== undefined && now > version) outcome.superseded += 1;
      else outcome.pending += 1;
    });
  }
  return result;
}

/** The row that an event is about; `undefined` where it cannot be read, which its rejection will tell. */
export function rowOf(
  { key, headers }: OutRecord,
  config: SyncConfig,
  schemas: Pick<SchemaStore, 'get'>,
): (RowRef & { version: bigint }) | undefined {
  const version = parseVersion(headerText(headers, header.version));
  const schema = schemas.get(headerText(headers, header.schema) ?? '');
  const eventKey = keyOf(key);
  const table: TableSettings | undefined = eventKey && config.table(eventKey.table);
  if (!version || !schema || !eventKey || !table || schema.table !== eventKey.table) return undefined;
  const columns = keyColumns(schema);
  if (columns.some(({ field }) => eventKey.key[field] === undefined || eventKey.key[field] === null))
    return undefined;
  try {
    const keyText = rowKeyText(columns, eventKey.key);
    return { ...{ schema, table, key: eventKey.key, keyText }, version: BigInt(version) };
  } catch {
    return undefined;
  }
}

function keyOf(key: OutRecord['key']): EventKey | undefined {
  try {
    const parsed = JSON.parse(String(key)) as Partial<EventKey> | null;
    return typeof parsed?.table === 'string' && typeof parsed.key === 'object' && parsed.key !== null
      ? (parsed as EventKey)
      : undefined;
  } catch {
    return undefined;
  }
}
