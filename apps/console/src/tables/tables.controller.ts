import { Controller, Inject } from '@nestjs/common';
import {
  capturePlan,
  pauseTable,
  resumeTable,
  type CaptureLine,
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
  async table(@TheCall() call: Call<'table'>): Promise<Answer<'table'>> {
    const { table } = call.params;
    const line = linesOf(await this.live.sample()).find((one) => one.table === table);
    if (!line) throw noTable(table);
    return { ...line, ...(await this.useCases.ask(call, (operation) => detailOf(operation, table))) };
  }

  @Operation('pauseTable')
  async pause(@TheCall() { params, body, caller }: Call<'pauseTable'>): Promise<Answer<'pauseTable'>> {
    const { table } = exactly(params);
    const { target, reason } = body;
    const input = { table, target: target as TargetName, by: caller!.name, reason };
    const { standing } = await this.useCases.change((operation) => pauseTable(operation, input));
    return { table, paused: standing.map(pauseLine) };
  }

  @Operation('resumeTable')
  async resume(@TheCall() { params, body }: Call<'resumeTable'>): Promise<Answer<'resumeTable'>> {
    const { table } = exactly(params);
    const input = { table, target: body.target as TargetName };
    const { standing } = await this.useCases.change((operation) => resumeTable(operation, input));
    return { table, paused: standing.map(pauseLine) };
  }
}

const noTable = (table: string) =>
  new ApiProblem(404, 'TABLE', `${table} is no table of the sync file: GET /api/v1/tables lists them.`);

/** The use cases take patterns too, which mean more than one call should change. */
function exactly<P extends { readonly table: string }>(params: P): P {
  if (params.table.includes('*')) throw noTable(params.table);
  return params;
}

function linesOf({ status, deadLetters, lastVerified, capture }: Sample) {
  const counts = new Map<string, number>();
  for (const { table, count } of deadLetters?.groups ?? [])
    if (table !== null) counts.set(table, (counts.get(table) ?? 0) + count);
  return status.tables.map((line) => {
    const verified = lastVerified.filter(({ table }) => table === line.table);
    const captured = capture?.find(({ table }) => table === line.table);
    return {
      ...lineOf(line, deadLetters && (counts.get(line.table) ?? 0), verified),
      capture: captured ? captureOf(captured) : null,
    };
  });
}

const lineOf = (line: TableStatus, deadLetters: number | null, verified: readonly LastVerified[]) => ({
  ...line,
  deadLetters,
  state: standingOf(line),
  paused: line.paused.map(pauseLine),
  lastVerified: oldest(verified),
});

/** How the table and its triggers agree. */
const captureOf = ({ state, detail }: CaptureLine) => ({ state, detail: detail || null });

/** A table is as well known as the target that was not compared for longest; what differs in one differs. */
function oldest(verified: readonly LastVerified[]) {
  const [first] = [...verified].sort((a, b) => a.at.localeCompare(b.at));
  return first ? { at: first.at, equal: verified.every(({ equal }) => equal), id: first.id } : null;
}

async function detailOf(operation: OperationContext, table: string) {
  const { config } = operation.servers;
  // A suspended or excluded table may have none.
  const { tables } = await capturePlan(operation, { table }).catch(() => ({ tables: [] }));
  const schema = tables.find((one) => one.table === table)?.schema;
  const settings = config.table(table);
  return {
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
