import Table from 'cli-table3';
import type { DemoResult } from './result';
import type { Latency } from './steps/latency';
import { targetNames, type TargetName } from './steps/targets';
import type { Comparison } from './steps/verify';

const count = (value: number) => Math.round(value).toLocaleString('en-US');
const seconds = (value: number) => `${value.toFixed(1)} s`;
const rate = (things: number, inSeconds: number) => `${count(things / inSeconds)}/s`;

function latency({ samples, medianMs, p99Ms }: Latency): string {
  const ms = (value: number) => `${value.toFixed(value < 10 ? 1 : 0)} ms`;
  return samples === 0 ? 'none timed' : `median ${ms(medianMs)}, p99 ${ms(p99Ms)} (${samples} timed)`;
}

/** The table that a run ends with. */
export function summaryTable(result: DemoResult): string {
  const { loaded, sourceSeconds, loadSeconds, live, lone, verdict } = result;
  const rows = loaded.users + loaded.repositories;
  const table = new Table({ head: ['', ...targetNames], style: { head: [], border: [] } });
  const perTarget = (label: string, of: (target: TargetName) => string) =>
    table.push([label, ...targetNames.map(of)]);
  const whole = (label: string, content: string) =>
    table.push([label, { colSpan: targetNames.length, content }]);

  whole(
    'rows in MySQL before the start',
    `${count(rows)} (${count(loaded.users)} users, ${count(loaded.repositories)} repositories) in ${seconds(sourceSeconds)}`,
  );
  perTarget(
    'initial load',
    (target) => `${count(rows)} rows in ${seconds(loadSeconds[target])}, ${rate(rows, loadSeconds[target])}`,
  );
  whole(
    'live row changes',
    `${count(live.changes)} in ${seconds(live.seconds)}, ${rate(live.changes, live.seconds)}`,
  );
  perTarget(`commit to visible, ${result.killed ? 'live, through kills' : 'live'}`, (target) =>
    latency(live.latency[target]),
  );
  perTarget('commit to visible, lone change', (target) => latency(lone[target]));
  perTarget('rows compared', (target) => count(verdict.targets[target].rows));
  perTarget('differences', (target) => differences(verdict.targets[target]));
  whole('dead letters', count(result.deadLetters));
  whole('whole run', seconds(result.seconds));
  return table.toString();
}

function differences({ missing, extra, different, index }: Comparison) {
  const found = Object.entries({ missing, extra, different, 'wrong in the index': index });
  const told = found.filter(([, rows]) => rows > 0).map(([kind, rows]) => `${count(rows)} ${kind}`);
  return told.length === 0 ? 'none' : told.join(', ');
}
