import Table from 'cli-table3';
import { serviceNames, type ServiceName } from '@tributary/dev-services';
import { floorNames, type FloorName } from './floors';
import { benchServers, type BenchResult, type PhaseResult } from './result';

const whole = (value: number) => (Number.isFinite(value) ? Math.round(value).toLocaleString('en') : '-');
const oneDigit = (value: number) => (Number.isFinite(value) ? value.toFixed(1) : '-');

/** Which loop does by hand what a service does last. */
const floorOf: Record<ServiceName, FloorName> = {
  'trigger-relay': 'kafkajs produce',
  validator: 'kafkajs produce',
  'mongo-sink': 'MongoDB bulk upsert',
  'redis-sink': 'Redis pipelined HSET',
};

/** The figures as tables for people. */
export function report(result: BenchResult): string {
  const { load, stream, lone, versions, idleRelayPercent, compared, floors } = result;
  const parts = [
    `Node ${result.node}, ${result.cores} cores; ${benchServers.map((name) => `${name} ${versions[name]}`).join(', ')}`,
    `\nLoad: ${whole(load.events)} rows in ${oneDigit(load.seconds)} s, ${whole(load.events / load.seconds)} rows/s${loadAverage(load)}`,
    services(load, result),
    `\nStream: ${whole(stream.events)} changes in ${whole(stream.commits)} commits (${oneDigit(stream.commitSeconds)} s), all visible after ${oneDigit(stream.seconds)} s, ${whole(stream.events / stream.seconds)} changes/s${loadAverage(stream)}`,
    services(stream, result),
    `\nCPU seconds of the servers for a million rows`,
    servers(result),
    `\nCommit to visible, lone change: MongoDB ${oneDigit(lone.MongoDB.medianMs)} ms median, ${oneDigit(lone.MongoDB.p99Ms)} ms p99; Redis ${oneDigit(lone.Redis.medianMs)} ms median, ${oneDigit(lone.Redis.p99Ms)} ms p99`,
    `Idle relay: ${idleRelayPercent.toFixed(2)} % of a core`,
    `Compared: counts, and ${compared} sampled rows in each target, all equal`,
  ];
  if (floors) {
    const table = new Table({ head: ['plain driver loop', 'rows/s', 'CPU s/million'], style });
    for (const name of floorNames)
      table.push([name, whole(floors[name].perSecond), oneDigit(floors[name].cpuPerMillion)]);
    parts.push('\nFloors: the same rows on the same servers', table.toString());
  }
  return parts.join('\n');
}

const style = { head: [], border: [] };

const loadAverage = ({ load: [before, after] }: PhaseResult) =>
  ` (load average ${oneDigit(before)} to ${oneDigit(after)})`;

function services(phase: PhaseResult, { floors }: BenchResult): string {
  const head = ['service', 'events/s', 'CPU s', 'CPU s/million', 'events/s a core', 'peak RSS MB'];
  const table = new Table({ head: [...head, ...(floors ? ['rate / floor'] : [])], style });
  for (const app of serviceNames) {
    const { events, seconds } = phase.stages[app];
    const rate = events / seconds;
    table.push([
      app,
      whole(rate),
      oneDigit(phase.cpu[app]),
      oneDigit((phase.cpu[app] * 1e6) / events),
      whole(events / phase.cpu[app]),
      whole(phase.peakMb[app]),
      ...(floors ? [(rate / floors[floorOf[app]].perSecond).toFixed(2)] : []),
    ]);
  }
  return table.toString();
}

function servers({ load, stream }: BenchResult): string {
  const table = new Table({ head: ['phase', ...benchServers], style });
  for (const [name, phase] of [['load', load] as const, ['stream', stream] as const])
    table.push([
      name,
      ...benchServers.map((server) => oneDigit((phase.serverCpu[server] * 1e6) / phase.events)),
    ]);
  return table.toString();
}
