import { createWriteStream } from 'node:fs';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { fatal } from '@tributary/change-event';
import type { TablePlan } from '@tributary/capture';
import { consumerGroups, TopicAdmin } from '@tributary/kafka';
import { readEnv, type Needs } from '@tributary/service';
import {
  MongoView,
  PipelineBarrier,
  RedisView,
  Repairer,
  SourceTable,
  targetNames,
  verifyTable,
  type Difference,
  type TableReport,
  type TargetName,
  type TargetView,
} from '@tributary/verify';
import { count, duration } from '../output/format';
import { Progress } from '../output/progress';
import { runCommand, type CommandContext } from '../run-command';
import { estimatedRows, openLoads } from '../source-facts';
import { chosenPlans } from '../tables';

interface VerifyOptions {
  readonly table?: string;
  readonly target?: TargetName;
  readonly repair?: boolean;
  readonly repairRate: number;
  readonly patience: number;
  readonly examples: number;
  readonly report?: string;
  readonly json?: boolean;
}

type Context = CommandContext<VerifyOptions>;

const DIFFERENT = 2;

export function verifyCommand(program: Command): void {
  program
    .command('verify')
    .description('compare every row of the source with both targets, beside live changes')
    .option('--table <database.table>', 'this table only; * stands for any characters')
    .addOption(new Option('--target <target>', 'this target only').choices(targetNames))
    .option('--repair', 'send what differs through the pipeline again, then check it again')
    .option('--repair-rate <n>', 'rows repaired a second at most', positive, 500)
    .option(
      '--patience <seconds>',
      'how long the pipeline may stand still before a difference counts',
      positive,
      10,
    )
    .option('--examples <n>', 'differences shown for each table and target', positive, 5)
    .option('--report <file>', 'write every difference to this file, one JSON object a line')
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      `\nExit code: 0 equal, ${DIFFERENT} different, 1 could not check.\n\nExamples:\n  tributary verify --table github_data.users --target redis\n  tributary verify --repair --report differences.jsonl\n`,
    )
    .action(runCommand<VerifyOptions>(needsOf, verify));
}

/** Only the targets that the sync file uses are asked for. */
function needsOf({ target }: VerifyOptions): Needs {
  const { config } = readEnv({});
  const uses = (name: TargetName) =>
    (target === undefined || target === name) &&
    config.tablePatterns.some((table) => config.table(table)![name].enabled);
  return { mysql: true, kafka: true, mongodb: uses('mongo'), redis: uses('redis') };
}

interface Found {
  readonly reports: TableReport[];
  readonly examples: Difference[];
}

async function verify(context: Context): Promise<number> {
  const { servers, out, options } = context;
  const connection = await servers.mysql();
  const plans = await chosenPlans(connection, servers.config, options.table);
  for (const table of await openLoads(connection, servers.config.captureSchema, plans))
    out.note(
      `${table} is being loaded: rows that are still on their way count as missing (see tributary snapshot status).`,
    );
  const started = performance.now();
  const found = await compare(context, connection, plans);
  const open = found.reports.reduce((sum, report) => sum + remaining(report), 0);
  if (options.json)
    out.json({
      equal: open === 0,
      seconds: (performance.now() - started) / 1000,
      tables: found.reports,
      examples: found.examples,
    });
  else show(context, found, open);
  return open === 0 ? 0 : DIFFERENT;
}

/** Differences that are there when the command ends. */
const remaining = ({ missing, extra, different, index, repaired }: TableReport) =>
  missing + extra + different + index - repaired;

async function compare(
  { servers, options }: Context,
  connection: Awaited<ReturnType<Context['servers']['mysql']>>,
  plans: readonly TablePlan[],
): Promise<Found> {
  const found: Found = { reports: [], examples: [] };
  const file = options.report === undefined ? undefined : createWriteStream(options.report);
  const progress = new Progress('rows');
  const views = await targetViews(servers, options.target, plans);
  const { config } = servers;
  const barrier = new PipelineBarrier({
    connection: await servers.mysql(),
    captureSchema: config.captureSchema,
    admin: new TopicAdmin(servers.kafka),
    topics: config.topics,
    groups: consumerGroups(config),
    patienceMs: options.patience * 1000,
  });
  const estimates = await estimatedRows(connection, plans);
  try {
    for (const plan of plans) {
      const { table } = plan.schema;
      const source = new SourceTable(plan, () => servers.mysql());
      const repairer =
        options.repair &&
        new Repairer({
          ...{ source, barrier, connection: await servers.mysql(), captureSchema: config.captureSchema },
          perSecond: options.repairRate,
        });
      const shown = new Map<TargetName, number>();
      let rows = 0;
      found.reports.push(
        ...(await verifyTable({
          ...{ source, barrier, connection, views: views(plan) },
          onRows: (more) => progress.update(table, (rows += more), estimates.get(table) ?? 0),
          onDifference(difference) {
            file?.write(`${JSON.stringify(difference)}\n`);
            const already = shown.get(difference.target) ?? 0;
            if (already < options.examples) found.examples.push(difference);
            shown.set(difference.target, already + 1);
          },
          ...(repairer && { repair: (differences, view) => repairer.repair(differences, view) }),
        })),
      );
      progress.finish(table);
    }
  } finally {
    progress.stop();
    if (file) await new Promise((done) => file.end(done));
  }
  return found;
}

async function targetViews(
  servers: Context['servers'],
  target: TargetName | undefined,
  plans: readonly TablePlan[],
): Promise<(plan: TablePlan) => TargetView[]> {
  const wanted = (name: TargetName) =>
    (target === undefined || target === name) && plans.some(({ settings }) => settings[name].enabled);
  if (!wanted('mongo') && !wanted('redis'))
    throw fatal(
      'VERIFY',
      `The sync file sends none of these tables to ${target ?? 'a target'}: there is nothing to verify.`,
    );
  const mongo = wanted('mongo') ? await servers.mongo() : undefined;
  const redis = wanted('redis') ? await servers.redis() : undefined;
  return (plan) => [
    ...(mongo && plan.settings.mongo.enabled ? [new MongoView(plan, mongo)] : []),
    ...(redis && plan.settings.redis.enabled ? [new RedisView(plan, redis)] : []),
  ];
}

function show({ out, options }: Context, { reports, examples }: Found, open: number): void {
  const number = (head: keyof TableReport) => ({
    head,
    value: (report: TableReport) => count(report[head] as number),
    right: true,
  });
  out.table<TableReport>(
    [
      { head: 'table', value: ({ table }) => table },
      { head: 'target', value: ({ target }) => target },
      ...(['rows', 'equal', 'missing', 'extra', 'different', 'index'] as const).map(number),
      ...(options.repair ? (['repaired', 'notRepaired'] as const).map(number) : []),
      { head: 'time', value: ({ seconds }) => duration(seconds), right: true },
    ],
    reports,
  );
  for (const difference of examples) out.line(exampleLine(difference));
  for (const { table, target, unsettled } of reports)
    if (unsettled > 0)
      out.note(
        `${table} in ${target}: ${count(unsettled)} row(s) changed at every look, so nothing can be said of them.`,
      );
  const foreign = examples.filter(({ key }) => key === null);
  for (const { target, id } of options.repair ? foreign : [])
    out.note(
      `${id} in ${target} has a key that no row of its table can have, so no change can remove it: delete it by hand.`,
    );
  if (open > 0)
    out.note(
      options.repair
        ? `${count(open)} difference(s) are left: see tributary status and tributary dlq list, and what other programs write there.`
        : `${count(open)} difference(s): mend them with tributary verify --repair.`,
    );
}

function exampleLine({ kind, table, target, key, id, columns, note }: Difference): string {
  const where = `${kind} ${table} in ${target}: ${key ? JSON.stringify(key) : id}`;
  const values = columns.map(
    ({ column, source, target: held }) =>
      `${column} is ${held ?? '(absent)'}, should be ${source ?? '(absent)'}`,
  );
  return [where, ...values, ...(note ? [note] : [])].join('; ');
}

function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0) || !Number.isFinite(value)) throw new InvalidArgumentError('It must be a number above 0.');
  return value;
}
