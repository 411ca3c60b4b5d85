import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cpuChart, delayChart, ratioChart } from './charts';
import { compared } from './figures';
import { readRun, type Run } from './run';
import { table } from './table';

const proc = { cpuS: 1, maxRssMiB: 100 };
/** A run of 1,000 rows and 500 changes by a system of one process. */
function run(rowsPerSystemCpuS: number, equal = true): Run {
  const phase = { systemCpuS: 2, allCpuS: 4, procs: { mysql: proc, connect: proc }, check: { equal } };
  const delay = { p50: 10, p99: 30 };
  return {
    rows: { users: 700, repositories: 300 },
    snapshot: {
      ...phase,
      toMongoS: 9,
      toRedisS: 8,
      rowsPerSystemCpuS,
      topicBytesPer: { a: 40_000, b: 14_000 },
    },
    stream: {
      ...{ ...phase, source: { changes: 500, rate: 250 }, changesPerSystemCpuS: 250 },
      lagAfterLastCommitS: { mongo: 0.2, redis: 0.1 },
    },
    latency: { ...phase, changes: 500, mongoMs: delay, redisMs: delay },
  } as Run;
}

describe('the comparison of runs', () => {
  const ours = [run(900), run(2_100), run(2_000)];
  const lines = compared(ours, [run(1_000)]);
  const first = lines[0]!;

  it('compares medians, and says which goals are met', () => {
    expect(first).toMatchObject({ ours: [900, 2_100, 2_000], ratio: 2, met: true });
    expect(lines.find(({ figure }) => figure.name === 'bytes a row on a topic')).toMatchObject({
      ...{ ours: [54, 54, 54], ratio: 1, met: true },
    });
    expect(lines.filter(({ met }) => met === false).map(({ figure }) => figure.name)).toEqual([
      ...['load: seconds until both targets have all', 'load: peak memory of the system, MiB'],
      ...['stream: changes per CPU second of the system', '200/s: p99 to MongoDB, ms'],
      '200/s: CPU seconds of the system',
    ]);
  });

  it('prints the median and the range', () => {
    expect(table(lines, 'Other').split('\n').slice(0, 3)).toEqual([
      '|  | Tributary | Other | ratio | goal |',
      '| --- | --- | --- | --- | --- |',
      '| load: rows per CPU second of the system | 2,000 (900 to 2,100) | 1,000 | 2.00 | 2, met |',
    ]);
  });

  it('draws charts that name both', () => {
    for (const chart of [cpuChart, delayChart])
      expect(chart(ours, [run(1_000)], 'Other')).toMatch(/^<svg[\s\S]*Tributary[\s\S]*<\/svg>$/);
    const ratios = ratioChart(lines, 'Other');
    for (const text of ['Times as good as Other', 'of the system:  2.00']) expect(ratios).toContain(text);
  });

  it('takes no run for a result whose targets were not equal', () => {
    const folder = mkdtempSync(join(tmpdir(), 'beside-'));
    try {
      const file = join(folder, 'run.json');
      writeFileSync(file, JSON.stringify(run(1, false)));
      expect(() => readRun(file)).toThrow(/run\.json[\s\S]*the targets were not equal to the source/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
