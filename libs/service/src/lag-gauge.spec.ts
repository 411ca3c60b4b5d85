import { observeLag } from './lag-gauge';
import { Metrics } from './metrics';

describe('tributary_lag_seconds', () => {
  it('rises from scrape to scrape while a change waits, and is 0 for tables of which none does', async () => {
    const metrics = new Metrics('mongo-sink', { hash: '', tableLabels: 'all' });
    const oldest = new Map<string | undefined, number>([
      ['d.a', Date.now() - 60_000],
      ['d.nobody-knows', Date.now() - 20_000],
      [undefined, Date.now() - 10_000],
    ]);
    observeLag(
      metrics,
      () => [{ stage: 'mongo-sink', oldest }],
      (table) => table === 'd.a' || table === 'd.b',
    );
    metrics.count('d.a', 'applied');
    metrics.count('d.b', 'applied');
    const read = async () => {
      const { values } = await metrics.registry.getSingleMetric('tributary_lag_seconds')!.get();
      return new Map(values.map(({ labels, value }) => [labels['table'], value]));
    };
    const first = await read();
    expect([...first.keys()]).toEqual(['d.a', 'd.b', 'unknown']);
    expect([first.get('d.b'), Math.round(first.get('unknown')!)]).toEqual([0, 20]);
    expect(first.get('d.a')).toBeGreaterThanOrEqual(60);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect((await read()).get('d.a')).toBeGreaterThanOrEqual(first.get('d.a')! + 0.04);
    oldest.clear();
    expect([...(await read()).values()]).toEqual([0, 0]);
  });
});
