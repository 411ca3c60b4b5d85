import { canaryRecord, controlRecord, formatVersion } from '@tributary/contract';
import { Metrics } from '@tributary/service';
import type { InRecord } from '@tributary/transport';
import { CanaryGauge } from './canary-gauge';

const EVERY = 10;
const START = 1_795_428_672_000;

/** A gauge on a clock of its own, which `at` sets to so many seconds after the start. */
function opened(canarySeconds: number | null = EVERY) {
  let now = START;
  const metrics = new Metrics('mongo-sink', { hash: '', tableLabels: 'all' });
  const gauge = new CanaryGauge(metrics, 'mongo', canarySeconds, () => now);
  const at = (seconds: number) => (now = START + seconds * 1000);
  const shown = async () => {
    const { values } = await metrics.registry.getSingleMetric('tributary_canary_seconds')!.get();
    return values.map(({ labels, value }) => [labels['target'], value]);
  };
  const seconds = async () => (await shown())[0]![1];
  const round = (partition: number, offset: number, record: object) => {
    const { key, value, headers } = record as ReturnType<typeof canaryRecord>;
    const read: InRecord = {
      ...{ key: Buffer.from(key), value: Buffer.from(value), headers },
      ...{ offset: String(offset), timestamp: '0' },
    };
    return [{ topic: 't', partition, records: [read], highWatermark: '99' }];
  };
  const canary = (partition: number, offset: number, committed: number) =>
    gauge.handled(
      round(partition, offset, canaryRecord(formatVersion(1, BigInt(offset)), START + committed * 1000)),
    );
  const noted = (partition: number, next: number) => gauge.noted(new Map([[partition, BigInt(next)]]));
  return { gauge, at, shown, seconds, round, canary, noted };
}

describe('tributary_canary_seconds', () => {
  it('is how long the newest canary took, and rises when the next is late', async () => {
    const { gauge, at, seconds, canary, noted } = opened();
    gauge.assigned([0]);
    canary(0, 7, 1);
    at(3);
    noted(0, 8);
    expect(await seconds()).toBe(2);
    at(12);
    expect(await seconds()).toBe(2);
    at(41);
    expect(await seconds()).toBe(30);
    canary(0, 8, 11);
    noted(0, 9);
    expect(await seconds()).toBe(30);
    canary(0, 11, 41);
    noted(0, 12);
    expect(await seconds()).toBe(0);
  });

  it('counts a canary when the target has noted it, not when it is applied', async () => {
    const { gauge, at, seconds, canary, noted } = opened();
    gauge.assigned([0]);
    canary(0, 7, 1);
    at(15);
    noted(0, 7);
    expect(await seconds()).toBe(5);
    gauge.rewound(0);
    noted(0, 8);
    expect(await seconds()).toBe(5);
  });

  it('is that of the slowest partition which the instance has', async () => {
    const { gauge, at, shown, seconds, canary, noted } = opened();
    expect(await seconds()).toBe(0);
    at(11);
    expect(await seconds()).toBe(1);
    gauge.assigned([0, 1]);
    canary(0, 7, 11);
    noted(0, 8);
    at(30);
    expect(await seconds()).toBe(9);
    canary(0, 8, 30);
    noted(0, 9);
    expect(await seconds()).toBe(9);
    gauge.assigned([0]);
    expect(await seconds()).toBe(0);
    gauge.assigned([]);
    expect(await shown()).toEqual([]);
  });

  it('takes other control records for none, and shows nothing where no canaries are asked for', async () => {
    const { gauge, at, seconds, round, noted } = opened();
    gauge.assigned([0]);
    const load = { kind: 'load', table: 'a.b', schema: '0123456789abcdef', job: '1', partitions: 1 } as const;
    gauge.handled(round(0, 7, controlRecord({ ...load, floor: formatVersion(1, 1n) })));
    at(11);
    noted(0, 8);
    expect(await seconds()).toBe(1);
    expect(await opened(null).shown()).toEqual([]);
  });
});
