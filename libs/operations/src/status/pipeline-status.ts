import { within } from '@tributary/kernel';
import { sinkApp, type SyncConfig } from '@tributary/sync-config';
import { readHeartbeats, type Heartbeat } from '@tributary/topics';
import type { OperationContext } from '../context';
import { explain } from '../explain';
import { pauseStates, type PauseState } from '../pauses/pause-state';
import type { IdentityStatus } from './identity-status';
import { instanceStatus, sinkLag, throughput, type InstanceStatus } from './instance-status';
import {
  deadLettersByTable,
  loadsBacklog,
  stageLag,
  topicStatus,
  type StageStatus,
  type TopicStatus,
} from './kafka-status';
import { sourceFacts } from './source-status';
import { activeTable, leftOutNotes, tableStates, type TableState } from './table-state';

export interface TableStatus extends TableState {
  readonly table: string;
  /** The server's estimate. */
  readonly rows: number | null;
  /** Changes that are not published yet, but for those of a paused table, which `paused` tells. */
  readonly pending: number | null;
  /** How long the oldest of them, or the newest change that a sink lacks, has been waiting. */
  readonly lagSeconds: number | null;
  /** Events a second, applied by the slower of the sinks. */
  readonly perSecond: number | null;
  readonly deadLetters: number | null;
  /** Who paused it, for all targets or for one, and what that costs; empty: nobody. */
  readonly paused: readonly PauseState[];
  /** State of the newest snapshot. */
  readonly snapshot: {
    readonly state: string;
    readonly rowsDone: number;
    readonly rowsTotal: number;
    /** What it has waited for for some seconds. */
    readonly waitsFor: string | null;
  } | null;
}

export interface PipelineStatus {
  readonly at: string;
  /** Whose versions the relay gives; `null` before one has led, and without the source. */
  readonly identity: IdentityStatus | null;
  readonly tables: readonly TableStatus[];
  readonly stages: readonly StageStatus[];
  /** Stages in which bulk records of loads wait, behind all live changes; empty: nowhere. */
  readonly loads: readonly StageStatus[];
  readonly instances: readonly InstanceStatus[];
  readonly topics: readonly TopicStatus[];
  /** Parts that did not answer, each with a sentence. */
  readonly unreachable: Readonly<Record<string, string>>;
}

interface StatusOptions {
  /** Whether dead letters are counted, for which their topic is read; default true. */
  readonly deadLetters?: boolean;
}

/**
 * All parts together may take this long; they are asked side by side, and pauses after them. A server that is slow is not away: a
 * busy machine takes seconds for what takes a tenth of one as a rule.
 */
const BUDGET_MS = 5_000;
/** Of one question to Kafka, which comes after the others. */
const PAUSES_MS = 1_000;
/** Instances that ended without a word are forgotten after an hour. */
const FORGET_SECONDS = 3_600;

/** Asks every part of the pipeline how it is; a part that does not answer in time is named, and the rest is told. */
export async function pipelineStatus(
  { servers, signal }: Pick<OperationContext, 'servers' | 'signal'>,
  { deadLetters: counted = true }: StatusOptions = {},
): Promise<PipelineStatus> {
  signal?.throwIfAborted();
  const { config, kafka } = servers;
  const deadline = performance.now() + BUDGET_MS;
  const unreachable: Record<string, string> = {};
  const part = async <T>(name: string, work: Promise<T>, until = deadline): Promise<T | undefined> => {
    try {
      return await within(work, Math.max(0, until - performance.now()), () => {
        throw new Error(`no answer within ${(until === deadline ? BUDGET_MS : PAUSES_MS) / 1000} s`);
      });
    } catch (error) {
      unreachable[name] = explain(error);
      return undefined;
    }
  };
  const admin = kafka.admin();
  const facts = part(
    'mysql',
    servers.mysql().then((connection) => sourceFacts(connection, config)),
  );
  const topics = await part(`kafka at ${kafka.brokers}`, admin.topics());
  // Before the first service has started there is no topic, which is no trouble.
  const { loads, validatedLoads, ...needed } = config.topics;
  const started = topics && Object.values(needed).every((topic) => topics.has(topic));
  // Services of an older release have made none.
  const hasLoads = topics && [loads, validatedLoads].every((topic) => topics.has(topic));
  const [source, heartbeats, stages, backlog, deadLetters, kafkaTopics, notes] = await Promise.all([
    facts,
    started && part('heartbeats', readHeartbeats(kafka, config.topics.heartbeats)),
    started && part('consumer groups', stageLag(admin, config)),
    hasLoads && part('loads', loadsBacklog(kafka, config)),
    counted &&
      (started
        ? part('dead letters', deadLettersByTable(kafka, config))
        : topics && new Map<string, number>()),
    topics &&
      Object.values(config.topics).some((topic) => topics.has(topic)) &&
      part('topics', topicStatus(kafka, config)),
    started && part('suspended tables', leftOutNotes(kafka, config)),
  ]);
  const { suspended, paused } = notes || { suspended: [], paused: [] };
  // Asked when the others have answered: a slow server among them leaves this one its time.
  const pauses =
    paused.length > 0 &&
    (await part(
      'paused tables',
      pauseStates({ servers }, source?.parked, paused),
      performance.now() + PAUSES_MS,
    ));
  const instances = (heartbeats || [])
    .map(instanceStatus)
    .filter(({ silentSeconds }) => silentSeconds < FORGET_SECONDS);
  const alive = (heartbeats || []).filter((heartbeat) => instanceStatus(heartbeat).alive);
  // Nothing waits on any topic: then what is not in the log is in the targets.
  const caughtUp = source && stages && stages.every(({ lagEvents }) => lagEvents === 0);
  // Of a table that was resumed what waited is late; of one that is paused it is meant to wait.
  const held = new Set(paused.filter(({ target }) => target === undefined).map(({ table }) => table));
  const waits = (table: string) => {
    const [log, aside] = [source?.pending.get(table), held.has(table) ? undefined : source?.late.get(table)];
    return aside ? { events: aside.events + (log?.events ?? 0), seconds: aside.seconds } : log;
  };
  const states = tableStates(source?.usable ?? { faults: [], skipped: [] }, suspended, pauses || []);
  const sinks = config.targets.map(({ name }) => sinkApp(name));
  const captured = source?.tables ?? tableNames(config, alive);
  const names = [...new Set([...captured, ...states.keys()])].sort();
  return {
    at: new Date().toISOString(),
    identity: source?.identity ?? null,
    tables: names.map((table) => ({
      table,
      ...(states.get(table) ?? activeTable),
      rows: source?.rows.get(table) ?? null,
      pending: source ? (waits(table)?.events ?? 0) : null,
      lagSeconds: waits(table)?.seconds ?? (caughtUp ? 0 : sinkLag(table, alive, sinks)),
      perSecond: throughput(table, alive, sinks),
      deadLetters: deadLetters ? (deadLetters.get(table) ?? 0) : null,
      paused: (pauses || []).filter((one) => one.table === table),
      snapshot: source?.snapshots.get(table) ?? null,
    })),
    topics: kafkaTopics || [],
    stages: stages || [],
    loads: backlog || [],
    instances,
    unreachable,
  };
}

/** Whether nothing of what the status tells was to be had. */
export const nothingAnswered = ({ unreachable, stages, tables }: PipelineStatus): boolean =>
  Object.keys(unreachable).length > 0 && stages.length === 0 && tables.every(({ rows }) => rows === null);

/** Without the source: the tables that the file names and those that services speak of. */
function tableNames(config: SyncConfig, heartbeats: readonly Heartbeat[]): string[] {
  const named = config.tablePatterns.filter((table) => !table.includes('*'));
  return [...new Set([...named, ...heartbeats.flatMap(({ tables }) => Object.keys(tables))])].sort();
}
