import { setTimeout as sleep } from 'node:timers/promises';
import { captureRows, type Connection, type RowEntry, type TablePlan } from '@tributary/capture';
import { eventKeyWriter, formatVersion, type Version, type WireRow } from '@tributary/contract';
import { DeadLetterStore } from '@tributary/dead-letters';
import { sinkApp, sinkApps, type TargetName } from '@tributary/sync-config';
import type { Finding } from '@tributary/targets';
import { consumerGroups, readHeartbeats } from '@tributary/topics';
import type { TopicAdmin } from '@tributary/transport';
import type { OperationContext } from '../context';
import { instanceStatus } from '../status/instance-status';
import { heldUpTables } from '../pauses/held-up';
import { leftOutNotes } from '../status/table-state';
import { captureOf } from './capture-of';
import { openDeadLettersOf } from './open-dead-letters-of';
import { rowInSource } from './row-in-source';
import { RowTargets, type RowInTarget } from './row-in-targets';
import { wireKeyOf } from './row-key';
import { stageFacts } from './stage-facts';
import { newestOf, searchTopic, type SearchBounds, type TopicSearch } from './topic-search';
import { rowVerdict, targetVerdict, type OpenDeadLetter, type RowFacts, type Verdict } from './verdict';
import { waitingLoads } from './waiting-loads';

export interface TraceInput {
  /** `database.table`. */
  readonly table: string;
  /** The key columns' values in key order, as a person writes them. */
  readonly key: readonly string[];
  /** How long each topic is searched at most, milliseconds. */
  readonly searchMs: number;
  /** How much of each topic is read at most, bytes. */
  readonly searchBytes: number;
}

/** Where a row is between the source and the targets. */
export interface Trace {
  readonly table: string;
  /** Wire key as the source stores it; `null` where the table cannot be read. */
  readonly key: WireRow | null;
  /** The row now; `null`: there is none that the sync file lets through. */
  readonly source: WireRow | null;
  /** Committed entries of the change log that are not published yet. */
  readonly log: readonly { readonly id: string; readonly op: string; readonly at: string }[];
  /** `null`: the topic is not there. */
  readonly changes: TopicSearch | null;
  readonly validated: TopicSearch | null;
  /** What waits of loads by Spark; `null` also where the targets agree with the source. */
  readonly loads: TopicSearch | null;
  readonly validatedLoads: TopicSearch | null;
  readonly deadLetters: readonly OpenDeadLetter[];
  readonly targets: readonly TargetTrace[];
  readonly verdict: Verdict;
}

export interface TargetTrace {
  readonly target: TargetName;
  readonly id: string;
  /** Of the row or of its tombstone; `null`: the target knows neither. */
  readonly version: Version | null;
  readonly state: 'equal' | 'missing' | 'extra' | 'different' | 'stale' | 'index';
  readonly columns: Finding['columns'];
  readonly verdict: Verdict;
}

/** A row that changes meanwhile is looked at again, and so is a difference that nothing explains at once. */
const LOOKS = 3;
const BETWEEN_MS = 300;

/** Says where one row is. Throws a SyncError when a server cannot be asked, or the key does not fit the table. */
export async function traceRow(context: OperationContext, input: TraceInput): Promise<Trace> {
  const { servers, signal } = context;
  const connection = await servers.mysql();
  const { plan, notCaptured } = await captureOf(connection, servers.config, input.table);
  if (!plan) return untraceable(input.table, notCaptured!);
  const asked = wireKeyOf(plan.schema, input.key);
  const targets = await RowTargets.open(servers, servers.config, plan);
  const look = new Look(context, input, connection, plan, targets);
  for (let left = LOOKS; ; left -= 1) {
    signal?.throwIfAborted();
    const { trace, moved } = await look.take(asked, notCaptured);
    if (trace.verdict.code !== 'FOREIGN_EDIT') return trace;
    if (left === 1) return moved ? { ...trace, verdict: inMotion } : trace;
    await sleep(BETWEEN_MS);
  }
}

const inMotion: Verdict = {
  code: 'IN_LOG',
  sentence:
    'The row changed in the source while it was looked at, each time: its newest change is on its way.',
  next: 'Look again when it rests, or see its changes: tributary history',
};

const untraceable = (table: string, { reason, next }: { reason: string; next: string }): Trace => ({
  ...{
    table,
    key: null,
    source: null,
    log: [],
    changes: null,
    validated: null,
    loads: null,
    validatedLoads: null,
    deadLetters: [],
    targets: [],
  },
  verdict: { code: 'NOT_CAPTURED', sentence: reason, next },
});

/** All stations at about one time. */
class Look {
  readonly #admin: TopicAdmin;
  /** Read once: it may be a long topic. */
  #deadLetters: Promise<OpenDeadLetter[]> | undefined;

  constructor(
    private readonly context: OperationContext,
    private readonly input: TraceInput,
    private readonly connection: Connection,
    private readonly plan: TablePlan,
    private readonly targets: RowTargets,
  ) {
    this.#admin = context.servers.kafka.admin();
  }

  /** `moved`: the row changed in the source meanwhile. */
  async take(
    asked: WireRow,
    notCaptured: RowFacts['notCaptured'],
  ): Promise<{ readonly trace: Trace; readonly moved: boolean }> {
    const { servers } = this.context;
    const { config, kafka } = servers;
    const { table } = this.plan.schema;
    // From the source on: what moves on meanwhile is found at a later station, not between two.
    const inSource = () => rowInSource(this.connection, config.captureSchema, this.plan, asked);
    const source = await inSource();
    const messageKey = Buffer.from(eventKeyWriter(table)(source.keyJson));
    const there = await this.#admin.topics();
    const search = (topic: string) =>
      there.has(topic) ? searchTopic(kafka, topic, messageKey, this.#bounds) : null;
    const changes = await search(config.topics.changes);
    const deadLetters = there.has(config.topics.deadLetters)
      ? await (this.#deadLetters ??= openDeadLettersOf(
          new DeadLetterStore(kafka, config.topics),
          messageKey,
          this.context.signal,
        ))
      : [];
    const validated = await search(config.topics.validated);
    const found = await this.targets.look(source.key, source.row);
    const differing = found.filter(({ finding }) => finding).map(({ target }) => target);
    const waiting =
      differing.length > 0
        ? await waitingLoads({ kafka, config, there }, differing, messageKey, this.#bounds)
        : undefined;
    const groups = consumerGroups(config);
    const held = await heldUpTables(this.context, this.connection, this.targets.targets);
    const heldUp = held.filter((one) => one.table === table);
    const row: RowFacts = {
      ...{ table, inSource: source.row !== null, log: source.log, logCut: source.logCut, deadLetters },
      notCaptured: notCaptured ?? (source.filteredOut ? filteredOut(this.plan) : null),
      paused: heldUp.find(({ target }) => target === undefined),
      relay: source.log.length > 0 || source.logCut ? await this.#relay(there) : '',
      newestChange: newestOf(changes),
      newestValidated: newestOf(validated),
      validator: await stageFacts(this.#admin, 'validator', groups.validator, changes),
      load: waiting?.facts,
      ceiling: await this.#ceiling(),
    };
    const suspensions = there.has(config.topics.notes) ? (await leftOutNotes(kafka, config)).suspended : [];
    const traced: TargetTrace[] = [];
    for (const one of found) {
      const stage = await stageFacts(this.#admin, sinkApp(one.target), groups.sink(one.target), validated);
      const said = suspensions.find((note) => note.table === table && note.app === stage.name);
      const verdict = targetVerdict(
        { ...row, deadLetters: deadLetters.filter(({ stage: of }) => !isOtherSink(of, stage.name)) },
        {
          ...{ ...one, stage, loadsStage: waiting?.sinks.get(one.target) },
          suspended: one.suspended ?? said ?? heldUp.find(({ target }) => target === one.target),
        },
      );
      traced.push(targetTrace(one, verdict));
    }
    const trace: Trace = {
      ...{ table, key: source.key, source: source.row, changes, validated, deadLetters, targets: traced },
      log: source.log.map(entryText),
      loads: waiting?.loads ?? null,
      validatedLoads: waiting?.validatedLoads ?? null,
      verdict: rowVerdict(traced.map(({ verdict }) => verdict)),
    };
    const differs = trace.verdict.code === 'FOREIGN_EDIT';
    const after = differs ? (await inSource()).row : source.row;
    return { trace, moved: JSON.stringify(after) !== JSON.stringify(source.row) };
  }

  get #bounds(): SearchBounds {
    const { searchBytes: bytes, searchMs: ms } = this.input;
    return { newestOnly: true, bytes, ms, signal: this.context.signal };
  }

  async #relay(there: ReadonlySet<string>): Promise<string> {
    const { servers } = this.context;
    const { heartbeats: topic } = servers.config.topics;
    const heartbeats = there.has(topic) ? await readHeartbeats(servers.kafka, topic) : [];
    const alive = heartbeats.filter(({ app }) => app === 'trigger-relay').map(instanceStatus);
    const running = alive.filter((one) => one.alive);
    if (running.length === 0) return 'No trigger-relay runs.';
    const trouble = running.find((one) => one.trouble !== null)?.trouble;
    return trouble ? `trigger-relay says: ${trouble}` : 'trigger-relay runs and has not come to it yet.';
  }

  /** No version above was given so far; unknown until a relay has led. */
  async #ceiling(): Promise<Version | undefined> {
    const [row] = await captureRows(
      this.connection,
      this.context.servers.config.captureSchema,
      (table) =>
        `SELECT epoch, CAST(GREATEST(high_id, (SELECT IFNULL(MAX(id), 0) FROM ${table('change_log')})) AS CHAR) AS high
         FROM ${table('relay_state')} WHERE shard = 0`,
    );
    const epoch = Number(row?.['epoch'] ?? 0);
    return epoch > 0 ? formatVersion(epoch, BigInt(String(row!['high']))) : undefined;
  }
}

const isOtherSink = (stage: string, own: string) => sinkApps.some((app) => app === stage) && stage !== own;

const entryText = ({ id, op, at }: RowEntry) => ({ id: String(id), op, at: at.toISOString() });

const filteredOut = ({ settings }: TablePlan) => ({
  reason: `The row is in the source, and where of the sync file (${settings.where}) leaves it out.`,
  next: 'Change the row filter if it is to be copied, then tributary capture install and a snapshot of the table.',
});

function targetTrace({ target, id, version, finding }: RowInTarget, verdict: Verdict): TargetTrace {
  return {
    ...{ target, id, verdict },
    version: version ?? null,
    state: finding?.kind ?? 'equal',
    columns: finding?.columns ?? [],
  };
}
