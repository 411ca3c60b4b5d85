import { openMysql, type Connection, type TablePlan } from '@tributary/capture';
import { fatal, RateLimiter } from '@tributary/kernel';
import { DeadLetterStore } from '@tributary/dead-letters';
import { SourceTable } from '@tributary/snapshot';
import type { TargetName } from '@tributary/sync-config';
import type { TargetView } from '@tributary/targets';
import {
  planRepair,
  Repairer,
  verifyScanned,
  verifyTable,
  type PipelineDrain,
  type ScannedSide,
  type SettledDifference,
  type TableReport,
  type TableVerification,
} from '@tributary/verify';
import type { OperationContext } from '../context';
import { chosenTables, leftOut } from '../tables/chosen-tables';
import { heldUpTables, type HeldUp } from '../pauses/held-up';
import { misfits, type LeftOut } from '../tables/misfits';
import { estimatedRows, openSnapshots } from '../tables/source-facts';
import { takes, type OpenTargets } from '../targets/open-targets';
import { drainOf } from './drain';
import { checkPlaces } from './checked-places';
import type { VerificationInput } from './input';
import { VerificationRecord, type Recorded } from './verification-record';
import { differencesLeft, type VerificationResult } from './verification-result';

/** The tables that are meant, and why some of them cannot be compared. */
interface Chosen {
  readonly plans: readonly TablePlan[];
  readonly suspended: readonly LeftOut[];
  readonly unfit: readonly LeftOut[];
}

/** What all tables of a run share. */
interface Running {
  readonly drain: PipelineDrain;
  readonly record: Recorded;
  readonly signal: AbortSignal;
  readonly pace: RateLimiter | undefined;
}

/** Compares the chosen tables once, several side by side, each in a connection of its own. */
export class VerificationRun {
  readonly #connections: Connection[] = [];
  readonly #reports = new Map<string, TableReport[]>();
  readonly #examples = new Map<string, SettledDifference[]>();
  readonly #repairs: Record<string, number> = {};
  readonly #repairPace: RateLimiter;
  readonly #deadLetters: DeadLetterStore;
  /** Tables that lack changes because somebody paused them. */
  #heldUp: readonly HeldUp[] = [];

  constructor(
    private readonly context: OperationContext,
    private readonly input: VerificationInput,
    private readonly targets: OpenTargets,
  ) {
    const { servers } = context;
    this.#repairPace = new RateLimiter(input.repairRate);
    this.#deadLetters = new DeadLetterStore(servers.kafka, servers.config.topics);
  }

  /** Ends after the chunk at hand once the signal aborts; the result then holds what was done. */
  async run(): Promise<VerificationResult> {
    const { context, input } = this;
    try {
      const connection = await this.#connect();
      // What cannot be compared at all is refused before there is a record of it.
      const chosen = await this.#choose(connection);
      const record = await VerificationRecord.begin(context.servers, input, context.note);
      const signals = [context.signal, record.cancelled].filter((signal) => signal !== undefined);
      const signal = AbortSignal.any(signals);
      if (record.id !== undefined) input.onStart?.(record.id);
      try {
        const comparing = this.#compare(connection, chosen, record, signal);
        const result = await comparing.finally(() => input.onEnd?.());
        await record.end({ result, aborted: signal.aborted });
        return result;
      } catch (error) {
        await record.end({ error, aborted: signal.aborted });
        throw error;
      }
    } finally {
      for (const connection of this.#connections) connection.destroy();
    }
  }

  /** Throws a SyncError where no table is meant, or none goes to a target that is compared. */
  async #choose(connection: Connection): Promise<Chosen> {
    const { servers, note } = this.context;
    const { table, target } = this.input;
    const { plans, suspended } = await chosenTables(connection, servers.config, table, note);
    const unfit = plans.flatMap((plan) => misfits(plan, [...this.targets.keys()]));
    if (unfit.length === 0 && plans.every((plan) => this.#views(plan).length === 0))
      throw fatal(
        'VERIFY',
        `The sync file sends ${table ?? 'no table'} to no target that is compared (${target ?? servers.config.targets.map(({ name }) => name).join(' or ')}): there is nothing to verify.`,
      );
    return { plans, suspended, unfit };
  }

  async #compare(
    connection: Connection,
    { plans, suspended, unfit }: Chosen,
    record: Recorded,
    signal: AbortSignal,
  ): Promise<VerificationResult> {
    const { servers, note } = this.context;
    const { repair, rate } = this.input;
    const started = performance.now();
    for (const table of await openSnapshots(connection, servers.config.captureSchema, plans))
      note(
        `${table} is being loaded: rows that are still on their way count as missing (see tributary snapshot status).`,
      );
    const estimates = await estimatedRows(connection, plans);
    const drain = drainOf(this.context, await this.#connect(), this.input, signal);
    const pace = rate === undefined ? undefined : new RateLimiter(rate, { signal });
    const names = new Set(plans.map(({ schema }) => schema.table));
    const heldUp = await heldUpTables(this.context, connection, this.targets);
    this.#heldUp = heldUp.filter((one) => names.has(one.table));
    const left = [...unfit, ...this.#heldUp];
    for (const sentence of leftOut(left, [])) note(sentence);
    const compared = plans.filter((plan) => this.#views(plan).length > 0);
    await checkPlaces(this.context, this.targets, compared, repair === 'do');
    for (const { schema } of compared)
      record.progress(schema.table, 0, this.#expected(estimates.get(schema.table) ?? 0));
    const running = { drain, record, signal, pace };
    const estimate = ({ schema }: TablePlan) => estimates.get(schema.table) ?? 0;
    if (this.input.spark) await this.#scanned(compared, running, estimate);
    else await this.#sideBySide(compared, signal, (plan) => this.#table(plan, running, estimate(plan)));
    return {
      seconds: (performance.now() - started) / 1000,
      reports: plans.flatMap(({ schema }) => this.#reports.get(schema.table) ?? []),
      examples: [...this.#examples.values()].flat(),
      repairs: this.#repairs,
      suspended: [...suspended, ...unfit, ...this.#heldUp],
    };
  }

  /** Has Spark scan the tables, and compares what it candidates. */
  async #scanned(
    plans: readonly TablePlan[],
    running: Running,
    estimate: (plan: TablePlan) => number,
  ): Promise<void> {
    const targetsOf = (plan: TablePlan) => this.#views(plan).map(({ target }) => target);
    const tables = plans.map((plan) => ({ plan, targets: targetsOf(plan), rows: estimate(plan) }));
    // Loads what knows Spark only when it is asked for.
    const { scanWaves } = await import('./spark/scan-waves');
    for await (const { tables: some, scanned } of scanWaves(this.context, this.input, tables, running.signal))
      await this.#sideBySide(
        some.map(({ plan }) => plan),
        running.signal,
        async (plan) => this.#table(plan, running, estimate(plan), await scanned.of(plan.schema.table)),
      );
  }

  /** Takes no further table when one has failed, and lets those under way end before the connections are closed. */
  async #sideBySide(
    plans: readonly TablePlan[],
    signal: AbortSignal,
    work: (plan: TablePlan) => Promise<void>,
  ): Promise<void> {
    const waiting = plans.values();
    let failed = false;
    const lane = async () => {
      for (const plan of waiting) {
        if (failed || signal.aborted) return;
        await work(plan);
      }
    };
    const lanes = Array.from({ length: Math.min(this.input.parallel, plans.length) }, () =>
      lane().catch((error: unknown) => {
        failed = true;
        throw error;
      }),
    );
    await Promise.allSettled(lanes);
    await Promise.all(lanes);
  }

  async #table(
    plan: TablePlan,
    { drain, record, signal, pace }: Running,
    estimate: number,
    scanned?: ReadonlyMap<TargetName, ScannedSide>,
  ): Promise<void> {
    const { servers, note } = this.context;
    const { repair, onDifference, onRows, onTableEnd } = this.input;
    const { table } = plan.schema;
    const connect = () => openMysql(servers.env.mysqlUrl);
    const source = new SourceTable(plan, connect);
    const deadLetters = this.#deadLetters;
    const repairer = new Repairer({
      ...{ source, drain, connect, deadLetters, pace: this.#repairPace },
      captureSchema: servers.config.captureSchema,
      onWait: (sentence) => note(`${table}: ${sentence}`),
    });
    const sample = this.#sample(estimate);
    let rows = 0;
    const onMore = (more: number) => {
      rows += more;
      record.progress(table, rows, this.#expected(estimate));
      onRows?.(table, rows, this.#expected(estimate));
    };
    try {
      const verification: TableVerification = {
        ...{ source, drain, connect, deadLetters, views: this.#views(plan) },
        ...(sample && { sample }),
        ...(pace && { pace }),
        signal,
        onRows: onMore,
        onDifference: (difference) => {
          record.difference();
          onDifference?.(difference);
          this.#note(difference);
        },
        ...(repair === 'plan' && { repair: async (differences) => planRepair(differences) }),
        ...(repair === 'do' && {
          repair: async (differences, view) =>
            (await this.#pausedMeanwhile(table)).has(view.target) ? [] : repairer.repair(differences, view),
        }),
      };
      if (scanned) onMore(Math.max(...[...scanned.values()].map((side) => side.rows)));
      const reports = await (scanned ? verifyScanned(verification, scanned) : verifyTable(verification));
      const paused =
        differencesLeft({ reports }) > 0 ? await this.#pausedMeanwhile(table) : new Set<TargetName>();
      this.#reports.set(
        table,
        reports.filter((report) => !paused.has(report.target)),
      );
      for (const name of paused) this.#examples.delete(`${table} ${name}`);
    } finally {
      repairer.close();
      onTableEnd?.(table);
    }
  }

  /** The targets that lack changes of the table since it was paused in mid-run: differences in them say nothing. */
  async #pausedMeanwhile(table: string): Promise<Set<TargetName>> {
    const now = await heldUpTables(this.context, await this.context.servers.mysql(), this.targets);
    const late = now.filter((one) => one.table === table);
    const known = new Set(this.#heldUp.filter((one) => one.table === table).map(({ target }) => target));
    this.#heldUp = [...this.#heldUp, ...late.filter(({ target }) => !known.has(target))];
    const names = [...this.targets.keys()].map(({ name }) => name);
    return new Set(names.filter((name) => late.some(({ target }) => (target ?? name) === name)));
  }

  /** Without those that the sinks leave the table out of, for good or while it is paused. */
  #views(plan: TablePlan): TargetView[] {
    const { table } = plan.schema;
    const isHeldUp = (target: TargetName) =>
      this.#heldUp.some((one) => one.table === table && (one.target ?? target) === target);
    const taking = [...this.targets].filter(([target]) => takes(target, plan) && !isHeldUp(target.name));
    return taking.map(([, connected]) => connected.view(plan));
  }

  /** Rows of a table that will be compared, estimated. */
  #expected(estimate: number): number {
    return estimate * (this.#sample(estimate)?.part ?? 1);
  }

  #sample(estimate: number) {
    const { sample } = this.input;
    if (!sample) return undefined;
    const part = 'part' in sample ? sample.part : Math.min(1, sample.rows / Math.max(estimate, 1));
    return { part, entries: Math.max(1, Math.round('part' in sample ? estimate * part : sample.rows)) };
  }

  #note(difference: SettledDifference): void {
    const { table, target, repair } = difference;
    const list = `${table} ${target}`;
    const examples = this.#examples.get(list) ?? [];
    this.#examples.set(list, examples);
    if (examples.length < this.input.examples) examples.push(difference);
    if (!repair) return;
    const outcome = repair.result === 'planned' ? repair.action : repair.result;
    this.#repairs[outcome] = (this.#repairs[outcome] ?? 0) + 1;
  }

  async #connect(): Promise<Connection> {
    const connection = await openMysql(this.context.servers.env.mysqlUrl);
    this.#connections.push(connection);
    return connection;
  }
}
