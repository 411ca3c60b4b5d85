import { rowsOf, type Run } from './run';

/** One line of the comparison. */
interface Figure {
  readonly name: string;
  readonly of: (run: Run) => number;
  readonly digits: number;
  /** What Tributary's figure is to be of the peer's. */
  readonly goal?: number;
  readonly better: 'more' | 'less';
}

/** What the pipeline itself takes, without the servers. */
const servers = new Set(['mysql', 'kafka', 'redis', 'mongo']);
const memory = ({ snapshot }: Run) =>
  Object.entries(snapshot.procs).reduce((sum, [name, of]) => sum + (servers.has(name) ? 0 : of.maxRssMiB), 0);

/** Of the topics that hold each row once: Tributary has two of them, of which the first one counts. */
function topicBytes(run: Run): number {
  const first = run.snapshot.topicBytesPer['tributary.changes'];
  const all = Object.values(run.snapshot.topicBytesPer).reduce((sum, bytes) => sum + bytes, 0);
  return (first ?? all) / rowsOf(run);
}

const less = { better: 'less', digits: 1 } as const;

const figures: readonly Figure[] = [
  {
    ...{ name: 'load: rows per CPU second of the system', goal: 2, better: 'more', digits: 0 },
    of: ({ snapshot }) => snapshot.rowsPerSystemCpuS,
  },
  {
    ...{ ...less, name: 'load: seconds until both targets have all', goal: 0.65 },
    of: ({ snapshot }) => Math.max(snapshot.toMongoS, snapshot.toRedisS),
  },
  {
    ...{ ...less, name: 'load: CPU seconds of everything, servers included' },
    of: ({ snapshot }) => snapshot.allCpuS,
  },
  { ...{ ...less, name: 'load: peak memory of the system, MiB', goal: 0.5, digits: 0 }, of: memory },
  { ...{ ...less, name: 'bytes a row on a topic', goal: 1.5, digits: 0 }, of: topicBytes },
  {
    ...{ name: 'stream: changes a second that the source accepts', goal: 1, better: 'more', digits: 0 },
    of: ({ stream }) => stream.source.rate,
  },
  {
    ...{ name: 'stream: changes per CPU second of the system', goal: 2, better: 'more', digits: 0 },
    of: ({ stream }) => stream.changesPerSystemCpuS,
  },
  {
    ...{ ...less, name: 'stream: seconds behind after the last commit' },
    of: ({ stream }) => Math.max(stream.lagAfterLastCommitS.mongo, stream.lagAfterLastCommitS.redis),
  },
  {
    ...{ ...less, name: "stream: MySQL's CPU a change, microseconds", digits: 0 },
    of: ({ stream }) => ((stream.procs['mysql']?.cpuS ?? 0) * 1e6) / stream.source.changes,
  },
  {
    ...{ ...less, name: 'stream: CPU seconds of everything, servers included' },
    of: ({ stream }) => stream.allCpuS,
  },
  { ...{ ...less, name: '200/s: median to MongoDB, ms', goal: 1 }, of: ({ latency }) => latency.mongoMs.p50 },
  { ...{ ...less, name: '200/s: median to Redis, ms', goal: 1 }, of: ({ latency }) => latency.redisMs.p50 },
  { ...{ ...less, name: '200/s: p99 to MongoDB, ms', goal: 0.5 }, of: ({ latency }) => latency.mongoMs.p99 },
  { ...{ ...less, name: '200/s: p99 to Redis, ms', goal: 1.5 }, of: ({ latency }) => latency.redisMs.p99 },
  {
    ...{ ...less, name: '200/s: CPU seconds of the system', goal: 0.5 },
    of: ({ latency }) => latency.systemCpuS,
  },
  {
    ...{ ...less, name: '200/s: CPU seconds of everything, servers included' },
    of: ({ latency }) => latency.allCpuS,
  },
];

export interface Compared {
  readonly figure: Figure;
  readonly ours: readonly number[];
  readonly peers: readonly number[];
  /** Of the medians. */
  readonly ratio: number;
  readonly met: boolean | undefined;
}

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2;
};

export function compared(ours: readonly Run[], peers: readonly Run[]): Compared[] {
  return figures.map((figure) => {
    const [own, other] = [ours.map(figure.of), peers.map(figure.of)];
    const ratio = median(own) / median(other);
    const { goal, better } = figure;
    const met = goal === undefined ? undefined : better === 'more' ? ratio >= goal : ratio <= goal;
    return { figure, ours: own, peers: other, ratio, met };
  });
}
