import type { Command } from 'commander';
import { leftOut, resolvedPlan, type PlannedTable } from '@tributary/operations';
import type { Column } from '../output/table';
import { runCommand, type CommandContext } from '../run-command';

interface CheckOptions {
  readonly offline?: boolean;
  readonly json?: boolean;
}

export function configCommands(program: Command): void {
  const group = program.command('config').description('look at the sync file');
  group
    .command('check')
    .description('check the sync file against the source and print the resolved plan, one line a table')
    .option('--offline', 'check the file alone, without asking MySQL')
    .option('--json', 'print the plan as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  tributary config check\n  SYNC_CONFIG=prod.yaml tributary config check --offline\n',
    )
    .action(runCommand<CheckOptions>(({ offline }) => ({ mysql: !offline }), check));
}

interface PlanLine {
  readonly table: string;
  readonly key: string;
  readonly columns: string;
  readonly where: string;
  readonly mongo: string;
  readonly redis: string;
  readonly dto: string;
}

const columns: Column<PlanLine>[] = (
  ['table', 'key', 'columns', 'where', 'mongo', 'redis', 'dto'] as const
).map((head) => ({ head, value: (line) => line[head] }));

/** Tables of the sync file are suspended; the others are as the plan says. */
const SUSPENDED = 2;

async function check({ operation, out, options }: CommandContext<CheckOptions>): Promise<number> {
  const { configPath, config, tables, collisions, suspended, skipped } = await resolvedPlan(
    operation,
    options,
  );
  const lines = tables.map(planLine);
  for (const message of collisions) out.note(message);
  if (options.json)
    out.json({
      config: configPath,
      hash: config.hash,
      topics: config.topics,
      tables: lines,
      suspended,
      skipped,
      excluded: config.excludedPatterns,
    });
  else out.table(columns, lines);
  for (const sentence of leftOut(suspended, skipped)) out.note(sentence);
  return suspended.length > 0 ? SUSPENDED : 0;
}

function planLine({ settings, key, columns: count, isPattern }: PlannedTable): PlanLine {
  const { mongo, redis } = settings;
  const pattern = redis.key ?? `${settings.database}:${settings.name}:{key}`;
  const mongoText = mongo.enabled ? `${mongo.database}.${mongo.collection}${sharedText(mongo)}` : '-';
  const redisText = redis.enabled ? `${pattern} (${redis.as})${sharedText(redis)}` : '-';
  return {
    table: settings.table,
    key: key?.join(', ') ?? '(primary key)',
    columns: columnsText(settings, count),
    where: settings.where ?? '-',
    mongo: isPattern ? '(by table)' : mongoText,
    redis: isPattern ? '(by table)' : redisText,
    dto: settings.dto ?? '-',
  };
}

/** Nothing is swept there, and extra rows are not looked for. */
const sharedText = ({ shared }: { readonly shared: boolean }) => (shared ? ' (shared, not swept)' : '');

function columnsText({ exclude, rename, mask }: PlannedTable['settings'], count: number | null): string {
  const changes = [
    ...exclude.map((column) => `without ${column}`),
    ...Object.entries(rename).map(([column, field]) => `${column} as ${field}`),
    ...Object.entries(mask).map(([column, kind]) => `${column} masked ${kind}`),
  ].join(', ');
  if (count === null) return changes || '(all)';
  return changes ? `${count} (${changes})` : `${count}`;
}
