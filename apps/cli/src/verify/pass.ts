import { openMysql, type Connection, type TablePlan } from '@tributary/capture';
import { fatal } from '@tributary/change-event';
import { DeadLetterStore } from '@tributary/dead-letters';
import { consumerGroups, TopicAdmin } from '@tributary/kafka';
import {
  Pace,
  PipelineBarrier,
  planRepair,
  Repairer,
  SourceTable,
  verifyTable,
  type SettledDifference,
  type TableReport,
  type TargetName,
} from '@tributary/verify';
import { Progress } from '../output/progress';
import type { CommandContext } from '../run-command';
import { estimatedRows, openLoads } from '../source-facts';
import { misfits, type LeftOut } from '../misfits';
import { chosenTables, leftOut } from '../tables';
import { checkPlaces } from '../targets/verified-places';
import type { VerifyOptions } from './options';
import type { ReportFile } from './report-file';
import type { TargetViews } from './target-views';

export type Context = CommandContext<VerifyOptions>;

/** What one comparison of all chosen tables found. */
export interface Found {
  readonly seconds: number;
  readonly reports: readonly TableReport[];
  readonly examples: readonly SettledDifference[];
  /** Differences by what is, or would be, done about them; empty without repair. */
  readonly repairs: Readonly<Record<string, number>>;
  /** Chosen tables that could not be compared, with one target or with all. */
  readonly suspended: readonly LeftOut[];
}

/** Differences that are there when the pass ends. */
export const remaining = ({ reports }: Pick<Found, 'reports'>) =>
  reports.reduce(
    (sum, { missing, extra, different, stale, index, repaired }) =>
      sum + missing + extra + different + stale + index - repaired,
    0,
  );

/** Compares the chosen tables once, several side by side, each in a connection of its own. */
export class Pass {
  readonly #connections: Connection[] = [];
  readonly #reports = new Map<string, TableReport[]>();
  readonly #examples = new Map<string, SettledDifference[]>();
  readonly #repairs: Record<string, number> = {};
  readonly #progress = new Progress('rows');
  readonly #pace: Pace | undefined;
  readonly #repairPace: Pace;
  readonly #deadLetters: DeadLetterStore;

  constructor(
    private readonly context: Context,
    private readonly views: TargetViews,
    private readonly report: ReportFile | undefined,
    private readonly signal?: AbortSignal,
  ) {
    const { options, servers } = context;
    this.#pace = options.rate === undefined ? undefined : new Pace(options.rate, signal);
    this.#repairPace = new Pace(options.repairRate);
    this.#deadLetters = new DeadLetterStore(servers.kafka, servers.config.topics);
  }

  async run(): Promise<Found> {
    const { servers, options, out } = this.context;
    const started = performance.now();
    try {
      const connection = await this.#connect();
      const { plans, suspended } = await chosenTables(connection, servers.config, options.table, (note) =>
        out.note(note),
      );
      for (const table of await openLoads(connection, servers.config.captureSchema, plans))
        out.note(
          `${table} is being loaded: rows that are still on their way count as missing (see tributary snapshot status).`,
        );
      const estimates = await estimatedRows(connection, plans);
      const barrier = await this.#barrier();
      const unfit = plans.flatMap((plan) => misfits(plan, this.views.names));
      for (const sentence of leftOut(unfit, [])) out.note(sentence);
      const compared = plans.filter((plan) => this.views.of(plan).length > 0);
      if (compared.length === 0 && unfit.length === 0)
        throw fatal(
          'VERIFY',
          `The sync file sends ${options.table ?? 'no table'} to no target that is compared (${options.target ?? 'mongo or redis'}): there is nothing to verify.`,
        );
      await checkPlaces(
        this.context,
        this.views.places,
        compared,
        options.repair === true && !options.dryRun,
      );
      await this.#sideBySide(compared, (plan) =>
        this.#table(plan, barrier, estimates.get(plan.schema.table) ?? 0),
      );
      return {
        seconds: (performance.now() - started) / 1000,
        reports: plans.flatMap(({ schema }) => this.#reports.get(schema.table) ?? []),
        examples: [...this.#examples.values()].flat(),
        repairs: this.#repairs,
        suspended: [...suspended, ...unfit],
      };
    } finally {
      this.#progress.stop();
      for (const connection of this.#connections) connection.destroy();
    }
  }

  /** Takes no further table when one has failed, and lets those under way end before the connections are closed. */
  async #sideBySide(plans: readonly TablePlan[], work: (plan: TablePlan) => Promise<void>): Promise<void> {
    const waiting = plans.values();
    let failed = false;
    const lane = async () => {
      for (const plan of waiting) {
        if (failed || this.signal?.aborted) return;
        await work(plan);
      }
    };
    const lanes = Array.from({ length: Math.min(this.context.options.parallel, plans.length) }, () =>
      lane().catch((error: unknown) => {
        failed = true;
        throw error;
      }),
    );
    await Promise.allSettled(lanes);
    await Promise.all(lanes);
  }

  async #table(plan: TablePlan, barrier: PipelineBarrier, estimate: number): Promise<void> {
    const { options, servers, out } = this.context;
    const { table } = plan.schema;
    const connect = () => openMysql(servers.env.mysqlUrl);
    const source = new SourceTable(plan, connect);
    const deadLetters = this.#deadLetters;
    const repairer = new Repairer({
      ...{ source, barrier, connect, deadLetters, pace: this.#repairPace },
      captureSchema: servers.config.captureSchema,
      onWait: (sentence) => out.note(`${table}: ${sentence}`),
    });
    const sample = this.#sample(estimate);
    let rows = 0;
    try {
      const reports = await verifyTable({
        ...{ source, barrier, connect, deadLetters, views: this.views.of(plan) },
        ...(sample && { sample }),
        ...(this.#pace && { pace: this.#pace }),
        ...(this.signal && { signal: this.signal }),
        onRows: (more) => this.#progress.update(table, (rows += more), estimate * (sample?.part ?? 1)),
        onDifference: (difference) => this.#note(difference),
        ...(options.dryRun
          ? { repair: async (differences) => planRepair(differences) }
          : options.repair && { repair: (differences, view) => repairer.repair(differences, view) }),
      });
      this.#reports.set(table, reports);
    } finally {
      repairer.close();
      this.#progress.finish(table);
    }
  }

  #sample(estimate: number) {
    const { sample } = this.context.options;
    if (!sample) return undefined;
    const part = 'part' in sample ? sample.part : Math.min(1, sample.rows / Math.max(estimate, 1));
    return { part, entries: Math.max(1, Math.round('part' in sample ? estimate * part : sample.rows)) };
  }

  #note(difference: SettledDifference): void {
    this.report?.write(difference);
    const { table, target, repair } = difference;
    const list = `${table} ${target satisfies TargetName}`;
    const examples = this.#examples.get(list) ?? [];
    this.#examples.set(list, examples);
    if (examples.length < this.context.options.examples) examples.push(difference);
    if (!repair) return;
    const outcome = repair.result === 'planned' ? repair.action : repair.result;
    this.#repairs[outcome] = (this.#repairs[outcome] ?? 0) + 1;
  }

  async #barrier(): Promise<PipelineBarrier> {
    const { servers, options, out } = this.context;
    const { config } = servers;
    return new PipelineBarrier({
      onStage: (sentence) => out.note(sentence),
      connection: await this.#connect(),
      captureSchema: config.captureSchema,
      admin: new TopicAdmin(servers.kafka),
      topics: config.topics,
      groups: consumerGroups(config),
      patienceMs: options.patience * 1000,
    });
  }

  async #connect(): Promise<Connection> {
    const connection = await openMysql(this.context.servers.env.mysqlUrl);
    this.#connections.push(connection);
    return connection;
  }
}
