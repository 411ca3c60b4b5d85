import {
  eventIdentity,
  eventRow,
  eventVersion,
  originalRecord,
  type DeadLetterStore,
} from '@tributary/dead-letters';
import { sinkApp, targetSettings, type SyncConfig, type TargetName } from '@tributary/sync-config';
import type { SchemaStore } from '@tributary/topics';
import type { OutRecord, Watermarks } from '@tributary/transport';
import type { RowRef, VersionReader } from '@tributary/targets';

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
  readonly readers: ReadonlyMap<TargetName, VersionReader>;
}

/** Replayed events by `eventIdentity`. */
export type Replayed = ReadonlyMap<string, OutRecord>;

/** The targets whose stage has rejected each event since the topic ended there; what the validator rejects reaches none. */
export async function rejectedAgain(
  deadLetters: Pick<DeadLetterStore, 'since'>,
  before: ReadonlyMap<number, Watermarks>,
  events: Replayed,
  config: Pick<SyncConfig, 'targets'>,
): Promise<Map<string, Set<TargetName>>> {
  const names = config.targets.map(({ name }) => name);
  const rejected = new Map<string, Set<TargetName>>();
  for await (const { deadLetter, record } of deadLetters.since(before)) {
    const identity = eventIdentity(originalRecord(record, deadLetter.partition));
    if (!events.has(identity)) continue;
    const targets = rejected.get(identity) ?? new Set();
    for (const target of targetsOf(deadLetter.stage, names)) targets.add(target);
    rejected.set(identity, targets);
  }
  return rejected;
}

/** Of a sink its own; of another stage all, since what it rejects reaches none. */
function targetsOf(stage: string, names: readonly TargetName[]): readonly TargetName[] {
  const own = names.find((name) => sinkApp(name) === stage);
  return own === undefined ? names : [own];
}

/** Looks up in each target what it holds of the events' rows, by version (R4). */
export async function outcomes(
  { config, schemas, readers }: OutcomeDeps,
  events: Replayed,
  rejected: ReadonlyMap<string, ReadonlySet<TargetName>>,
): Promise<Map<TargetName, TargetOutcome>> {
  const result = new Map<TargetName, TargetOutcome>();
  for (const [target, reader] of readers) {
    const outcome = noOutcome();
    result.set(target, outcome);
    const asked: (RowRef & { version: bigint })[] = [];
    for (const [identity, event] of events) {
      const row = rowOf(event, config, schemas);
      if (row && !targetSettings(row.table, target).enabled) continue;
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
  event: OutRecord,
  config: SyncConfig,
  schemas: Pick<SchemaStore, 'get'>,
): (RowRef & { version: bigint }) | undefined {
  const version = eventVersion(event.headers);
  const row = eventRow(event, schemas);
  const table = row && config.table(row.schema.table);
  return version && table ? { ...row, table, version: BigInt(version) } : undefined;
}
