import { isMissing, listParked, type Connection, type ParkedTable } from '@tributary/capture';
import type { TargetName } from '@tributary/sync-config';
import type { PauseNote } from '@tributary/topics';
import type { OperationContext } from '../context';

/** A pause, and what it costs by now. */
export interface PauseState {
  readonly table: string;
  /** `null`: for all targets, since the relay publishes nothing of the table. */
  readonly target: TargetName | null;
  readonly by: string;
  /** As that one said; may be empty. */
  readonly reason: string;
  /** ISO time. */
  readonly at: string;
  /** What waits in the capture schema, where the relay publishes nothing of it; `null` in a target, or not known. */
  readonly waiting: { readonly entries: number; readonly bytes: number; readonly since: string } | null;
  /** Of a target: for how long Kafka keeps the first event that may have been left out, hours; `null`: without end. */
  readonly hoursLeft: number | null;
}

/** `parked`: what waits in the capture schema; `undefined`: not known. Of Kafka is asked for how long it keeps records. */
export async function pauseStates(
  { servers }: Pick<OperationContext, 'servers'>,
  parked: readonly ParkedTable[] | undefined,
  notes: readonly PauseNote[],
): Promise<PauseState[]> {
  const inTarget = notes.some(({ target }) => target !== undefined);
  const retentionMs = inTarget ? await retentionOf(servers) : -1;
  return notes.map(({ table, target, by, reason, at, since = at }) => ({
    ...{ table, by, reason, at },
    target: (target as TargetName | undefined) ?? null,
    waiting: target === undefined && parked ? waitingOf(table, at, parked) : null,
    hoursLeft: target === undefined || retentionMs < 0 ? null : hoursLeft(since, retentionMs),
  }));
}

/** Of what the sinks read, the shortest, milliseconds; below 0: without end. */
async function retentionOf({ kafka, config }: OperationContext['servers']): Promise<number> {
  const { validated, validatedLoads } = config.topics;
  const admin = kafka.admin();
  // A pipeline of an older version has none of loads.
  const there = await admin.topics();
  const settings = await admin.settings([validated, validatedLoads].filter((topic) => there.has(topic)));
  const kept = [...settings.values()]
    .map((of) => Number(of.get('retention.ms') ?? -1))
    .filter((ms) => ms >= 0);
  return kept.length > 0 ? Math.min(...kept) : -1;
}

/** The tables with entries that wait; none in a capture schema of an older version. */
export async function parkedTables(
  connection: Connection,
  captureSchema: string,
): Promise<readonly ParkedTable[]> {
  try {
    return await listParked(connection, captureSchema);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

function waitingOf(table: string, at: string, parked: readonly ParkedTable[]): PauseState['waiting'] {
  const { entries, bytes, since } = parked.find((one) => one.table === table) ?? {
    ...{ entries: 0, bytes: 0, since: at },
  };
  return { entries, bytes, since };
}

const HOUR_MS = 3_600_000;

/** Down to a tenth, never below 0. */
function hoursLeft(since: string, retentionMs: number): number {
  const left = Date.parse(since) + retentionMs - Date.now();
  return Math.max(0, Math.floor(left / (HOUR_MS / 10)) / 10);
}
