import { Controller, Inject } from '@nestjs/common';
import {
  captureLines,
  capturePlan,
  pauseTable,
  pipelineStatus,
  resumeTable,
  type LastVerified,
  type OperationContext,
  type TableStatus,
  type TargetName,
} from '@tributary/operations';
import { targetSettings } from '@tributary/sync-config';
import { ApiProblem } from '../http/api-problem';
import type { Answer } from '../http/answer';
import type { Call } from '../http/call';
import { Operation, TheCall } from '../http/operation';
import { LiveStatus } from '../live/live-status';
import type { Sample } from '../live/sample';
import { UseCases } from '../operations/use-cases';
import { newestSnapshots } from '../snapshots/newest-snapshots';
import { pauseLine, standingOf } from './standing';

@Controller()
export class TablesController {
  constructor(
    @Inject(UseCases) private readonly useCases: UseCases,
    @Inject(LiveStatus) private readonly live: LiveStatus,
  ) {}

  @Operation('tables')
  async tables(): Promise<Answer<'tables'>> {
    const sample = await this.live.sample();
    return { tables: linesOf(sample) };
  }

  @Operation('table')
  async table(@TheCall() { params, signal }: Call<'table'>): Promise<Answer<'table'>> {
    const { table } = params;
    const line = linesOf(await this.live.sample()).find((one) => one.table === table);
    if (!line) throw noTable(table);
    return { ...line, ...(await this.useCases.run((operation) => detailOf(operation, table), signal)) };
  }

  @Operation('pauseTable')
  pause(@TheCall() { params, body, caller }: Call<'pauseTable'>): Promise<Answer<'pauseTable'>> {
    const { table } = exactly(params);
    const { target, reason } = body;
    return this.useCases.run(async (operation) => {
      await pauseTable(operation, { table, target: target as TargetName, by: caller!.name, reason });
      return pausesOf(operation, table);
    });
  }

  @Operation('resumeTable')
  resume(@TheCall() { params, body }: Call<'resumeTable'>): Promise<Answer<'resumeTable'>> {
    const { table } = exactly(params);
    return this.useCases.run(async (operation) => {
      await resumeTable(operation, { table, target: body.target as TargetName });
      return pausesOf(operation, table);
    });
  }
}

const noTable = (table: string) =>
  new ApiProblem(404, 'TABLE', `${table} is no table of the sync file: GET /api/v1/tables lists them.`);

/** The use cases take patterns too, which mean more than one call should change. */
function exactly<P extends { readonly table: string }>(params: P): P {
  if (params.table.includes('*')) throw noTable(params.table);
  return params;
}

/** What still stands. */
async function pausesOf(operation: OperationContext, table: string) {
  const { tables } = await pipelineStatus(operation, { deadLetters: false });
  const paused = tables.find((one) => one.table === table)?.paused ?? [];
  return { table, paused: paused.map(pauseLine) };
}

function linesOf({ status, deadLetters, lastVerified }: Sample) {
  const letters = new Map<string, number>();
  for (const { table, count } of deadLetters?.groups ?? [])
    if (table !== null) letters.set(table, (letters.get(table) ?? 0) + count);
  return status.tables.map((line) => {
    const verified = lastVerified.filter(({ table }) => table === line.table);
    return lineOf(line, deadLetters && (letters.get(line.table) ?? 0), verified);
  });
}

const lineOf = (line: TableStatus, deadLetters: number | null, verified: readonly LastVerified[]) => ({
  ...line,
  deadLetters,
  state: standingOf(line),
  paused: line.paused.map(pauseLine),
  lastVerified: oldest(verified),
});

/** A table is as well known as the target that was not compared for longest; what differs in one differs. */
function oldest(verified: readonly LastVerified[]) {
  const [first] = [...verified].sort((a, b) => a.at.localeCompare(b.at));
  return first ? { at: first.at, equal: verified.every(({ equal }) => equal), id: first.id } : null;
}

async function detailOf(operation: OperationContext, table: string) {
  const { config } = operation.servers;
  // A suspended or excluded table may have neither.
  const [capture] = await captureLines(operation, { table }).catch(() => []);
  const { tables } = await capturePlan(operation, { table }).catch(() => ({ tables: [] }));
  const schema = tables.find((one) => one.table === table)?.schema;
  const settings = config.table(table);
  return {
    capture: capture ? { state: capture.state, detail: capture.detail || null } : null,
    key: schema?.key ?? [],
    columns: (schema?.columns ?? []).map(({ field, sqlType, nullable }) => ({
      name: field,
      type: sqlType,
      nullable,
    })),
    targets: settings
      ? config.targets
          .filter(({ name }) => targetSettings(settings, name).enabled)
          .map((target) => ({ target: target.name, place: target.placeText(settings) }))
      : [],
    snapshots: await newestSnapshots(operation, { table }).catch(() => []),
  };
}
