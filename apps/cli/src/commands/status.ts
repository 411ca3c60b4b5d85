import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import {
  nothingAnswered,
  pipelineStatus,
  suspensionText,
  type InstanceStatus,
  type PipelineStatus,
  type StageStatus,
  type TableStatus,
} from '@tributary/operations';
import { count, duration, percent } from '../output/format';
import { tableText, type Column } from '../output/table';
import { runCommand, type CommandContext } from '../run-command';
import { pausedText } from './pause';

interface StatusOptions {
  readonly watch?: boolean;
  readonly json?: boolean;
}

const WATCH_MS = 2_000;

export function statusCommand(program: Command): void {
  program
    .command('status')
    .description('show every table, stage and service instance of the pipeline')
    .option('--watch', 'show it again every two seconds until Ctrl-C')
    .option('--json', 'print it as JSON; with --watch one line each time')
    .addHelpText('after', '\nExamples:\n  tributary status\n  tributary status --watch\n')
    .action(runCommand({ mysql: true, kafka: true }, status));
}

async function status({ operation, out, options }: CommandContext<StatusOptions>): Promise<number> {
  if (options.watch)
    for (;;) {
      const now = await pipelineStatus(operation);
      if (options.json) out.line(JSON.stringify(now));
      else out.redraw(statusText(now, out.terminal));
      await sleep(WATCH_MS);
    }
  const now = await pipelineStatus(operation);
  if (options.json) out.json(now);
  else out.line(statusText(now, out.terminal));
  return nothingAnswered(now) ? 1 : 0;
}

const tableColumns: Column<TableStatus>[] = [
  { head: 'table', value: ({ table }) => table },
  { head: 'state', value: stateText },
  { head: 'rows', value: ({ rows }) => (rows === null ? '-' : `~${count(rows)}`), right: true },
  { head: 'pending', value: ({ pending }) => count(pending), right: true },
  { head: 'lag', value: ({ lagSeconds }) => duration(lagSeconds), right: true },
  {
    head: 'events/s',
    value: ({ perSecond }) => (perSecond === null ? '-' : count(Math.round(perSecond))),
    right: true,
  },
  { head: 'dead letters', value: ({ deadLetters }) => count(deadLetters), right: true },
  { head: 'load', value: ({ snapshot }) => loadText(snapshot) },
];

const stageColumns: Column<StageStatus>[] = [
  { head: 'stage', value: ({ stage }) => stage },
  { head: 'lag', value: ({ lagEvents }) => `${count(lagEvents)} events`, right: true },
  { head: 'instances', value: ({ members }) => members, right: true },
];

const loadsColumns: Column<StageStatus>[] = [
  { head: 'bulk records wait in', value: ({ stage }) => stage },
  { head: 'records', value: ({ lagEvents }) => count(lagEvents), right: true },
  { head: 'instances', value: ({ members }) => members, right: true },
];

const instanceColumns: Column<InstanceStatus>[] = [
  { head: 'service', value: ({ app }) => app },
  { head: 'instance', value: ({ instance }) => instance },
  { head: 'where', value: ({ host, pid, port }) => `${host}:${port} (pid ${pid})` },
  {
    head: 'state',
    value: ({ alive, ready, silentSeconds }) =>
      alive ? (ready ? 'ready' : 'not ready') : `silent for ${duration(silentSeconds)}`,
  },
  { head: 'trouble', value: ({ trouble }) => trouble ?? '-' },
];

function statusText(now: PipelineStatus, terminal: boolean): string {
  const parts = [
    tableText(tableColumns, now.tables, terminal),
    ...(now.stages.length > 0 ? [tableText(stageColumns, now.stages, terminal)] : []),
    ...(now.loads.length > 0 ? [tableText(loadsColumns, now.loads, terminal)] : []),
    now.instances.length > 0
      ? tableText(instanceColumns, now.instances, terminal)
      : 'No service has reported itself.',
    ...now.tables.flatMap(({ table, suspensions }) =>
      suspensions
        .filter(({ code }) => code !== 'PAUSED')
        .map((suspension) => suspensionText(table, suspension)),
    ),
    ...now.tables.flatMap(({ paused }) => paused.map(pausedText)),
    ...now.tables.flatMap(({ table, snapshot }) =>
      snapshot?.waitsFor ? [`The load of ${table} waits for ${snapshot.waitsFor}`] : [],
    ),
    ...(now.identity?.raised
      ? [
          `The epoch rose to ${now.identity.epoch} at ${now.identity.raised.at}: ${now.identity.raised.reason}`,
        ]
      : []),
    ...now.topics.flatMap(({ trouble }) => trouble ?? []),
    ...Object.entries(now.unreachable).map(([name, why]) => `${name}: ${why}`),
  ];
  return parts.join('\n\n');
}

function stateText({ state, suspensions }: TableStatus): string {
  return state === 'suspended' && suspensions.every(({ code }) => code === 'PAUSED') ? 'paused' : state;
}

function loadText(snapshot: TableStatus['snapshot']): string {
  if (!snapshot) return '-';
  const { state, rowsDone, rowsTotal } = snapshot;
  return state === 'done'
    ? `done, ${count(rowsDone)} rows`
    : `${state}, ${percent(rowsDone, rowsTotal, false)}`;
}
