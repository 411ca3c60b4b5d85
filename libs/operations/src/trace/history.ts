import { eventKeyWriter, type Version, type WireRow } from '@tributary/contract';
import { fatal } from '@tributary/kernel';
import type { TargetName } from '@tributary/sync-config';
import type { OperationContext } from '../context';
import { captureOf } from './capture-of';
import { changedColumns, type ChangedColumn } from './changed-columns';
import { rowInSource } from './row-in-source';
import { RowTargets, type RowInTarget } from './row-in-targets';
import { wireKeyOf } from './row-key';
import { searchTopic, type FoundEvent, type TopicSearch } from './topic-search';
import type { TraceInput } from './trace';

export interface HistoryInput extends TraceInput {
  /** No event that was published before is shown. */
  readonly since?: Date | undefined;
}

/** One change of a row. */
export interface HistoryEvent {
  readonly version: Version;
  readonly op: FoundEvent['op'];
  readonly snapshot: boolean;
  /** In MySQL; of a snapshot, when the row was read. ISO times all. */
  readonly committedAt: string;
  readonly publishedAt: string | null;
  /** `null`: not yet, or not found where was searched. */
  readonly validatedAt: string | null;
  readonly columns: readonly ChangedColumn[];
  /** `applied`: the target holds this version; `superseded`: a newer one; `waiting`: an older one, or none. */
  readonly targets: Readonly<Record<TargetName, 'applied' | 'superseded' | 'waiting'>>;
}

export interface History {
  readonly table: string;
  readonly key: WireRow;
  /** Newest first. */
  readonly events: readonly HistoryEvent[];
  readonly changes: Omit<TopicSearch, 'events'> | null;
  readonly validated: Omit<TopicSearch, 'events'> | null;
  /** Of loads by Spark. */
  readonly loads: Omit<TopicSearch, 'events'> | null;
  readonly validatedLoads: Omit<TopicSearch, 'events'> | null;
}

/** What happened to one row, as far back as the topics keep it and the bounds let search. Throws like `traceRow`. */
export async function rowHistory(
  { servers, signal }: OperationContext,
  input: HistoryInput,
): Promise<History> {
  const { config, kafka } = servers;
  const connection = await servers.mysql();
  const { plan, notCaptured } = await captureOf(connection, config, input.table);
  if (!plan) throw fatal('TABLE', `${notCaptured!.reason} ${notCaptured!.next}`);
  const asked = wireKeyOf(plan.schema, input.key);
  const { key, keyJson, row } = await rowInSource(connection, config.captureSchema, plan, asked);
  const there = await kafka.admin().topics();
  const messageKey = Buffer.from(eventKeyWriter(input.table)(keyJson));
  const { since, searchBytes: bytes, searchMs: ms } = input;
  const bounds = { newestOnly: false, since, bytes, ms, signal };
  const search = async (topic: string) =>
    there.has(topic) ? searchTopic(kafka, topic, messageKey, bounds) : null;
  const { topics } = config;
  // At once: each has the whole time that the bounds give it.
  const [changes, validated, loads, validatedLoads] = await Promise.all(
    [topics.changes, topics.validated, topics.loads, topics.validatedLoads].map(search),
  );
  const held = await (await RowTargets.open(servers, servers.config, plan)).look(key, row);
  return {
    ...{ table: input.table, key },
    events: eventsOf(events(changes, loads), events(validated, validatedLoads), held).reverse(),
    changes: searched(changes),
    validated: searched(validated),
    loads: searched(loads),
    validatedLoads: searched(validatedLoads),
  };
}

type Searched = TopicSearch | null | undefined;

const events = (...searches: readonly Searched[]) => searches.flatMap((search) => search?.events ?? []);

function searched(search: Searched): Omit<TopicSearch, 'events'> | null {
  if (!search) return null;
  const { topic, partition, from, to, complete } = search;
  return { topic, partition, from, to, complete };
}

/** Oldest first. A change that was published twice is one. */
function eventsOf(
  changes: readonly FoundEvent[],
  validated: readonly FoundEvent[],
  held: readonly RowInTarget[],
): HistoryEvent[] {
  const byVersion = new Map<string, { published?: FoundEvent; validated?: FoundEvent }>();
  const note = (event: FoundEvent, as: 'published' | 'validated') => {
    const known = byVersion.get(event.version) ?? {};
    known[as] ??= event;
    byVersion.set(event.version, known);
  };
  for (const event of changes) note(event, 'published');
  for (const event of validated) note(event, 'validated');
  let last: WireRow | null | undefined;
  return [...byVersion.values()]
    .map((found) => ({ ...found, event: (found.published ?? found.validated)! }))
    .sort((a, b) => (a.event.version < b.event.version ? -1 : 1))
    .map(({ event, published, validated: forwarded }) => {
      const { version, op, snapshot, changedAt } = event;
      const columns = changedColumns(event.before ?? last, event.after);
      last = event.after;
      return {
        ...{ version, op, snapshot, columns, committedAt: changedAt },
        publishedAt: published?.writtenAt ?? null,
        validatedAt: forwarded?.writtenAt ?? null,
        targets: Object.fromEntries(held.map((one) => [one.target, stateOf(version, one.version)])),
      };
    });
}

function stateOf(version: Version, held: Version | undefined) {
  if (held === undefined || held < version) return 'waiting';
  return held === version ? 'applied' : 'superseded';
}
