import { fatal } from '@tributary/kernel';
import {
  planUsable,
  suspensionOf,
  type Connection,
  type SkippedTable,
  type TablePlan,
} from '@tributary/capture';
import { rowDtoCheck } from '@tributary/schemas';
import { keyCollisions, type SyncConfig, type TableSettings } from '@tributary/sync-config';
import type { OperationContext } from '../context';
import { misfits, type LeftOut } from '../tables/misfits';

/** A table of the sync file, or one of its patterns, with the settings that hold for it. */
export interface PlannedTable {
  readonly settings: TableSettings;
  /** `null`: only the source could tell, which was not asked. */
  readonly key: readonly string[] | null;
  readonly columns: number | null;
  readonly isPattern: boolean;
}

export interface ResolvedPlan {
  readonly configPath: string;
  readonly config: SyncConfig;
  readonly tables: readonly PlannedTable[];
  /** One sentence each: Redis keys of two tables that could be the same. */
  readonly collisions: readonly string[];
  readonly suspended: readonly LeftOut[];
  readonly skipped: readonly SkippedTable[];
}

/**
 * What the sync file comes to: checked against the source, or `offline` by itself. Throws a fatal SyncError that names all
 * that does not fit the source.
 */
export async function resolvedPlan(
  { servers }: OperationContext,
  { offline }: { readonly offline?: boolean | undefined },
): Promise<ResolvedPlan> {
  const { config, env } = servers;
  const plan = offline ? offlinePlan(config) : await onlinePlan(await servers.mysql(), config);
  return {
    ...{ configPath: env.configPath, config },
    tables: plan.tables,
    collisions: keyCollisions(plan.settings, config.targets).map(({ message }) => message),
    ...{ suspended: plan.suspended ?? [], skipped: plan.skipped ?? [] },
  };
}

interface Plan {
  /** Of tables, not of patterns. */
  readonly settings: readonly TableSettings[];
  readonly tables: readonly PlannedTable[];
  readonly suspended?: readonly LeftOut[];
  readonly skipped?: readonly SkippedTable[];
}

function offlinePlan(config: SyncConfig): Plan {
  const tables = config.tablePatterns.flatMap((pattern): PlannedTable[] => {
    const settings = config.table(pattern);
    if (!settings) return [];
    return [{ settings, key: settings.key ?? null, columns: null, isPattern: pattern.includes('*') }];
  });
  return { settings: tables.filter(({ isPattern }) => !isPattern).map(({ settings }) => settings), tables };
}

async function onlinePlan(connection: Connection, config: SyncConfig): Promise<Plan> {
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
  return {
    settings: plans.map(({ settings }) => settings),
    tables: plans.map(({ settings, schema }) => ({
      ...{ settings, key: schema.key, columns: schema.columns.length, isPattern: false },
    })),
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
