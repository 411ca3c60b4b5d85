import type { Command } from 'commander';
import { leftOut, resolvedPlan, type PlannedTable } from '@tributary/operations';
import { targetSettings, type TargetSpec } from '@tributary/sync-config';
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

/** By heads: those of a table, and the name of each target. */
type PlanLine = Readonly<Record<string, string>>;

/** Tables of the sync file are suspended; the others are as the plan says. */
const SUSPENDED = 2;

async function check({ operation, out, options }: CommandContext<CheckOptions>): Promise<number> {
  const { configPath, config, tables, collisions, suspended, skipped } = await resolvedPlan(
    operation,
    options,
  );
  const lines = tables.map((table) => planLine(table, config.targets));
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
  else out.table(columnsOf(config.targets), lines);
  for (const sentence of leftOut(suspended, skipped)) out.note(sentence);
  return suspended.length > 0 ? SUSPENDED : 0;
}

const columnsOf = (targets: readonly TargetSpec[]): Column<PlanLine>[] =>
  ['table', 'key', 'columns', 'where', ...targets.map(({ name }) => name), 'dto'].map((head) => ({
    head,
    value: (line) => line[head]!,
  }));

function planLine(
  { settings, key, columns: count, isPattern }: PlannedTable,
  targets: readonly TargetSpec[],
): PlanLine {
  const places = targets.map((target) => [target.name, isPattern ? '(by table)' : placeOf(settings, target)]);
  return {
    table: settings.table,
    key: key?.join(', ') ?? '(primary key)',
    columns: columnsText(settings, count),
    where: settings.where ?? '-',
    ...Object.fromEntries(places),
    dto: settings.dto ?? '-',
  };
}

function placeOf(settings: PlannedTable['settings'], target: TargetSpec): string {
  const { enabled, shared } = targetSettings(settings, target.name);
  if (!enabled) return '-';
  // Nothing is swept there, and extra rows are not looked for.
  return `${target.placeText(settings)}${shared ? ' (shared, not swept)' : ''}`;
}

function columnsText({ exclude, rename, mask }: PlannedTable['settings'], count: number | null): string {
  const changes = [
    ...exclude.map((column) => `without ${column}`),
    ...Object.entries(rename).map(([column, field]) => `${column} as ${field}`),
    ...Object.entries(mask).map(([column, kind]) => `${column} masked ${kind}`),
  ].join(', ');
  if (count === null) return changes || '(all)';
  return changes ? `${count} (${changes})` : `${count}`;
}
