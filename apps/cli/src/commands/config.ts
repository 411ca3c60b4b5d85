import type { Command } from 'commander';
import { fatal } from '@tributary/change-event';
import { planUsable, suspensionOf, type SkippedTable, type TablePlan } from '@tributary/capture';
import { leftOut } from '../tables';
import { rowDtoCheck } from '@tributary/schemas';
import { keyCollisions, type SyncConfig, type TableSettings } from '@tributary/sync-config';
import { misfits, type LeftOut } from '../misfits';
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

async function check({ servers, out, options }: CommandContext<CheckOptions>): Promise<number> {
  const { config } = servers;
  const {
    settings,
    lines,
    suspended = [],
    skipped = [],
  } = options.offline ? offlinePlan(config) : await onlinePlan(await servers.mysql(), config);
  for (const { message } of keyCollisions(settings)) out.note(message);
  if (options.json)
    out.json({
      config: servers.env.configPath,
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

interface Plan {
  readonly settings: readonly TableSettings[];
  readonly lines: readonly PlanLine[];
  readonly suspended?: readonly LeftOut[];
  readonly skipped?: readonly SkippedTable[];
}

function offlinePlan(config: SyncConfig): Plan {
  const named = config.tablePatterns.filter((pattern) => !pattern.includes('*'));
  const lines = config.tablePatterns.flatMap((pattern) => {
    const settings = config.table(pattern);
    if (!settings) return [];
    const line = planLine(settings, settings.key?.join(', ') ?? '(primary key)', changes(settings));
    return pattern.includes('*') ? { ...line, mongo: '(by table)', redis: '(by table)' } : line;
  });
  return { settings: named.flatMap((table) => config.table(table) ?? []), lines };
}

async function onlinePlan(connection: Parameters<typeof planUsable>[0], config: SyncConfig): Promise<Plan> {
  const { plan, faults, skipped, refusals } = await planUsable(connection, config);
  const { plans } = plan;
  const unfit = plans.flatMap((plan) => misfits(plan));
  const left = plans.some(({ settings }) => !unfit.some(({ table }) => table === settings.table));
  const messages = [
    ...(left ? [] : [...refusals, ...unfit.map(({ reason }) => reason)]),
    ...plans.flatMap(planFaults),
  ];
  if (messages.length > 0)
    throw fatal('CONFIG', `The sync file does not fit the source:\n  ${messages.join('\n  ')}`);
  const lines = plans.map(({ settings, schema }) => {
    const all = `${schema.columns.length}`;
    const changed = changes(settings);
    return planLine(settings, schema.key.join(', '), changed ? `${all} (${changed})` : all);
  });
  return {
    settings: plans.map(({ settings }) => settings),
    lines,
    suspended: [...faults.map(suspensionOf), ...unfit],
    skipped,
  };
}

/** Faults that only the compiled plan shows. */
function planFaults({ settings }: TablePlan): string[] {
  try {
    if (settings.dto !== undefined) rowDtoCheck(settings.dto);
    return [];
  } catch (error) {
    return [(error as Error).message];
  }
}

function planLine(settings: TableSettings, key: string, columnsText: string): PlanLine {
  const { mongo, redis } = settings;
  const pattern = redis.key ?? `${settings.database}:${settings.name}:{key}`;
  return {
    table: settings.table,
    key,
    columns: columnsText || '(all)',
    where: settings.where ?? '-',
    mongo: mongo.enabled ? `${mongo.database}.${mongo.collection}${sharedText(mongo)}` : '-',
    redis: redis.enabled ? `${pattern} (${redis.as})${sharedText(redis)}` : '-',
    dto: settings.dto ?? '-',
  };
}

/** Nothing is swept there, and extra rows are not looked for. */
const sharedText = ({ shared }: { readonly shared: boolean }) => (shared ? ' (shared, not swept)' : '');

function changes({ exclude, rename, mask }: TableSettings): string {
  return [
    ...exclude.map((column) => `without ${column}`),
    ...Object.entries(rename).map(([column, field]) => `${column} as ${field}`),
    ...Object.entries(mask).map(([column, kind]) => `${column} masked ${kind}`),
  ].join(', ');
}
