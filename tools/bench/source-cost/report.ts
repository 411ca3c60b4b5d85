import Table from 'cli-table3';
import { modes, type Mode, type PairResult, type PairResults } from './pairs';
import type { PartCosts } from './parts';
import type { SourceServer } from './server';

const style = { head: [], border: [], compact: true };

export interface SourceResult {
  readonly server: SourceServer;
  readonly version: string;
  /** One-minute load average of the machine at the start and at the end. */
  readonly load: readonly [number, number];
  readonly pairs: PairResults;
  readonly parts?: PartCosts;
}

export function report({ server, version, load, pairs, parts }: SourceResult): string {
  return [
    `${server} ${version}, load of the machine ${load.map((value) => value.toFixed(1)).join(' to ')}`,
    pairsTable(pairs),
    ...(parts ? ['microseconds of the server for one changed row', partsTable(parts)] : []),
  ].join('\n');
}

function pairsTable(pairs: PairResults): string {
  const table = new Table({
    head: ['workload', 'capture', 'changes/s', 'of none', 'us CPU a change', 'of none'],
    style,
  });
  for (const [workload, results] of Object.entries(pairs))
    for (const mode of modes) {
      const result = results[mode];
      if (result) table.push(pairRow(workload, mode, result, results.none));
    }
  return table.toString();
}

const pairRow = (workload: string, mode: Mode, result: PairResult, none: PairResult | undefined) => [
  workload,
  mode,
  result.changesPerSecond.toFixed(0),
  none ? (result.changesPerSecond / none.changesPerSecond).toFixed(2) : '',
  result.cpuMicros.toFixed(1),
  none ? (result.cpuMicros / none.cpuMicros).toFixed(2) : '',
];

function partsTable(parts: PartCosts): string {
  const statements = Object.keys(Object.values(parts)[0] ?? {});
  const table = new Table({ head: ['statement', ...Object.keys(parts)], style });
  for (const statement of statements)
    table.push([statement, ...Object.values(parts).map((costs) => costs[statement]!.toFixed(1))]);
  return table.toString();
}
