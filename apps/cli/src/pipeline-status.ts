import {
  consumerGroups,
  readAll,
  readHeartbeats,
  TopicAdmin,
  topicPlans,
  TopicWatch,
  type Heartbeat,
  type Kafka,
} from '@tributary/kafka';
import { planUsable, type Connection } from '@tributary/capture';
import type { SyncConfig } from '@tributary/sync-config';
import { topicTrouble } from '@tributary/service';
import { explain } from './explain';
import { letterOf } from './dlq/letter';
import { resolvedBy } from './dlq/marks';
import { identityOf, type IdentityStatus } from './identity-status';
import { estimatedRows, captureRows } from './source-facts';
import { activeTable, suspensionNotes, tableStates, type TableState } from './table-state';

export interface TableStatus extends TableState {
  readonly table: string;
  /** The server's estimate. */
  readonly rows: number | null;
  /** Changes in the log that are not published yet. */
  readonly pending: number | null;
  /** How long the oldest of them, or the newest change that a sink lacks, has been waiting. */
  readonly lagSeconds: number | null;
  /** Events a second, applied by the slower of the sinks. */
  readonly perSecond: number | null;
  readonly deadLetters: number | null;
  /** State of the newest load. */
  readonly snapshot: {
    readonly state: string;
    readonly rowsDone: number;
    readonly rowsTotal: number;
    /** What it has waited for for some seconds. */
    readonly waitsFor: string | null;
  } | null;
}

export interface StageStatus {
  readonly stage: string;
  readonly lagEvents: number;
  readonly members: number;
}

export interface TopicStatus {
  readonly topic: string;
  /** Another one for each topic that is made, also of the same name; `null`: the broker does not tell. */
  readonly id: string | null;
  readonly partitions: number | null;
  /** As the sync file has it. */
  readonly wanted: number;
  /** One sentence when it is not as the sync file has it. */
  readonly trouble: string | null;
}

export interface InstanceStatus extends Pick<
  Heartbeat,
  'app' | 'instance' | 'pid' | 'host' | 'port' | 'ready' | 'trouble' | 'startedAt'
> {
  readonly silentSeconds: number;
  readonly alive: boolean;
}

export interface PipelineStatus {
  readonly at: string;
  /** Whose versions the relay gives; `null` before one has led, and without the source. */
  readonly identity: IdentityStatus | null;
  readonly tables: readonly TableStatus[];
  readonly stages: readonly StageStatus[];
  readonly instances: readonly InstanceStatus[];
  readonly topics: readonly TopicStatus[];
  /** Parts that did not answer, each with a sentence. */
  readonly unreachable: Readonly<Record<string, string>>;
}

/** All parts together may take this long; they are asked side by side. */
const BUDGET_MS = 1_700;
/** Services send a heartbeat every few seconds. */
const SILENT_SECONDS = 15;
/** Instances that ended without a word are forgotten after an hour. */
const FORGET_SECONDS = 3_600;
const MOST_PENDING = 100_000;
/** More letters than this are not read for a count by table. */
const MOST_LETTERS = 20_000n;

interface Sources {
  readonly config: SyncConfig;
  readonly kafka: Kafka;
  readonly mysql: () => Promise<Connection>;
}

/** Asks every part of the pipeline how it is; a part that does not answer in time is named, and the rest is told. */
export async function pipelineStatus({ config, kafka, mysql }: Sources): Promise<PipelineStatus> {
  const deadline = performance.now() + BUDGET_MS;
  const unreachable: Record<string, string> = {};
  const part = async <T>(name: string, work: Promise<T>): Promise<T | undefined> => {
    try {
      return await before(deadline, work);
    } catch (error) {
      unreachable[name] = explain(error);
      return undefined;
    }
  };
  const admin = new TopicAdmin(kafka);
  const facts = part(
    'mysql',
    mysql().then((connection) => sourceFacts(connection, config)),
  );
  const topics = await part(`kafka at ${kafka.brokers}`, admin.topics());
  // Before the first service has started there is no topic, which is no trouble.
  const started = topics && Object.values(config.topics).every((topic) => topics.has(topic));
  const [source, heartbeats, stages, letters, kafkaTopics, notes] = await Promise.all([
    facts,
    started && part('heartbeats', readHeartbeats(kafka, config.topics.heartbeats)),
    started && part('consumer groups', stageLag(admin, config)),
    started
      ? part('dead letters', lettersByTable(kafka, config.topics.deadLetters))
      : topics && new Map<string, number>(),
    topics &&
      Object.values(config.topics).some((topic) => topics.has(topic)) &&
      part('topics', topicStatus(kafka, config)),
    started && part('suspended tables', suspensionNotes(kafka, config)),
  ]);
  const instances = (heartbeats || [])
    .map(instanceStatus)
    .filter(({ silentSeconds }) => silentSeconds < FORGET_SECONDS);
  const alive = (heartbeats || []).filter((heartbeat) => instanceStatus(heartbeat).alive);
  // Nothing waits on any topic: then what is not in the log is in the targets.
  const caughtUp = source && stages && stages.every(({ lagEvents }) => lagEvents === 0);
  const states = tableStates(source?.usable ?? { faults: [], skipped: [] }, notes || []);
  const captured = source?.tables ?? tableNames(config, alive);
  const names = [...new Set([...captured, ...states.keys()])].sort();
  return {
    at: new Date().toISOString(),
    identity: source?.identity ?? null,
    tables: names.map((table) => ({
      table,
      ...(states.get(table) ?? activeTable),
      rows: source?.rows.get(table) ?? null,
      pending: source ? (source.pending.get(table)?.events ?? 0) : null,
      lagSeconds: source?.pending.get(table)?.seconds ?? (caughtUp ? 0 : sinkLag(table, alive)),
      perSecond: throughput(table, alive),
      deadLetters: letters ? (letters.get(table) ?? 0) : null,
      snapshot: source?.loads.get(table) ?? null,
    })),
    topics: kafkaTopics || [],
    stages: stages || [],
    instances,
    unreachable,
  };
}

async function before<T>(deadline: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const ms = Math.max(0, deadline - performance.now());
    timer = setTimeout(() => reject(new Error(`no answer within ${BUDGET_MS / 1000} s`)), ms);
  });
  // What loses the race must not become an unhandled rejection.
  work.catch(() => undefined);
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

async function sourceFacts(connection: Connection, config: SyncConfig) {
  const usable = await planUsable(connection, config);
  const { plans } = usable.plan;
  const pending = await captureRows(
    connection,
    config.captureSchema,
    (table) =>
      `SELECT s.table_name AS name, COUNT(*) AS events, TIMESTAMPDIFF(MICROSECOND, MIN(e.at), UTC_TIMESTAMP(6)) / 1e6 AS seconds
       FROM (SELECT shape_id, at FROM ${table('change_log')} ORDER BY id LIMIT ${MOST_PENDING}) AS e
       JOIN ${table('table_shape')} AS s ON s.id = e.shape_id GROUP BY s.table_name`,
  );
  const loads = await captureRows(
    connection,
    config.captureSchema,
    (table) =>
      `SELECT table_name AS name, state, rows_done AS done, rows_estimated AS total,
         IF(state = 'running', waits_for, NULL) AS waits FROM ${table('snapshot_job')}
       WHERE id IN (SELECT MAX(id) FROM ${table('snapshot_job')} GROUP BY table_name)`,
  );
  return {
    identity: await identityOf(connection, config.captureSchema),
    usable,
    tables: plans.map(({ schema }) => schema.table),
    rows: await estimatedRows(connection, plans),
    pending: new Map(
      pending.map((row) => [
        String(row['name']),
        { events: Number(row['events']), seconds: Math.max(0, Number(row['seconds'])) },
      ]),
    ),
    loads: new Map(
      loads.map((row) => [
        String(row['name']),
        {
          state: String(row['state']),
          rowsDone: Number(row['done']),
          rowsTotal: Number(row['total'] ?? row['done']),
          waitsFor: row['waits'] as string | null,
        },
      ]),
    ),
  };
}

async function stageLag(admin: TopicAdmin, config: SyncConfig): Promise<StageStatus[]> {
  const groups = consumerGroups(config);
  const stages = [
    ['validator', groups.validator, config.topics.changes],
    ['mongo-sink', groups.mongo, config.topics.validated],
    ['redis-sink', groups.redis, config.topics.validated],
  ] as const;
  return Promise.all(
    stages.map(async ([stage, group, topic]) => {
      const [lag, members] = await Promise.all([admin.groupLag(group, topic), admin.groupMembers(group)]);
      return {
        stage,
        members,
        lagEvents: Number([...lag.values()].reduce((sum, events) => sum + events, 0n)),
      };
    }),
  );
}

async function topicStatus(kafka: Kafka, config: SyncConfig): Promise<TopicStatus[]> {
  const watch = new TopicWatch(kafka);
  try {
    const plans = topicPlans(config);
    const seen = await watch.read(plans.map(({ topic }) => topic));
    return plans.map((plan) => {
      const { id = null, partitions = null } = seen.facts.get(plan.topic) ?? {};
      const trouble = topicTrouble(plan, seen)?.sentence ?? null;
      return { topic: plan.topic, id, partitions, wanted: plan.partitions, trouble };
    });
  } finally {
    await watch.close();
  }
}

async function lettersByTable(kafka: Kafka, topic: string): Promise<Map<string, number> | undefined> {
  const marks = await new TopicAdmin(kafka).watermarks(topic);
  const total = [...marks.values()].reduce((sum, { low, high }) => sum + high - low, 0n);
  if (total > MOST_LETTERS) return undefined;
  const tables = new Map<string, string | null>();
  if (total > 0n)
    await readAll(kafka, topic, (partition, records) => {
      for (const record of records) {
        const resolved = resolvedBy(record.headers);
        if (resolved !== undefined) tables.delete(resolved);
        else tables.set(`${partition}:${record.offset}`, letterOf(partition, record).table);
      }
    });
  const counts = new Map<string, number>();
  for (const table of tables.values()) if (table !== null) counts.set(table, (counts.get(table) ?? 0) + 1);
  return counts;
}

function instanceStatus(heartbeat: Heartbeat): InstanceStatus {
  const { app, instance, pid, host, port, ready, trouble, startedAt, at } = heartbeat;
  const silentSeconds = Math.max(0, (Date.now() - Date.parse(at)) / 1000);
  return {
    app,
    instance,
    pid,
    host,
    port,
    ready,
    trouble,
    startedAt,
    silentSeconds,
    alive: silentSeconds < SILENT_SECONDS,
  };
}

const sinks = ['mongo-sink', 'redis-sink'];

const activities = (table: string, heartbeats: readonly Heartbeat[], app: string) =>
  heartbeats.filter((heartbeat) => heartbeat.app === app).flatMap(({ tables }) => tables[table] ?? []);

function throughput(table: string, heartbeats: readonly Heartbeat[]): number | null {
  const rates = sinks
    .map((app) => activities(table, heartbeats, app))
    .filter((found) => found.length > 0)
    .map((found) => found.reduce((sum, { perSecond }) => sum + perSecond, 0));
  return rates.length > 0 ? Math.min(...rates) : null;
}

/** How far the slower sink is behind the relay, by the time of the newest change that each has done. */
function sinkLag(table: string, heartbeats: readonly Heartbeat[]): number | null {
  const newest = (app: string) =>
    Math.max(...activities(table, heartbeats, app).map(({ lastTsMs }) => lastTsMs));
  const published = newest('trigger-relay');
  const behind = sinks.map((app) => (published - newest(app)) / 1000).filter(Number.isFinite);
  return behind.length > 0 ? Math.max(0, ...behind) : null;
}

/** Without the source: the tables that the file names and those that services speak of. */
function tableNames(config: SyncConfig, heartbeats: readonly Heartbeat[]): string[] {
  const named = config.tablePatterns.filter((table) => !table.includes('*'));
  return [...new Set([...named, ...heartbeats.flatMap(({ tables }) => Object.keys(tables))])].sort();
}
