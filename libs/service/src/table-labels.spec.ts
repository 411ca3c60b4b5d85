import { Metrics } from './metrics';
import { TOP_TABLES } from './table-labels';

type Mode = 'all' | 'top' | 'none';

const metricsOf = (tableLabels: Mode) => new Metrics('test', { hash: 'abc', tableLabels });

async function lines(metrics: Metrics, name: string): Promise<string[]> {
  const text = await metrics.registry.getSingleMetricAsString(name);
  return text.split('\n').filter((line) => line.startsWith(name));
}

/** Tables `d.25` to `d.1`, of which each has its number of events. */
function counted(mode: Mode): Metrics {
  const metrics = metricsOf(mode);
  for (let n = 25; n >= 1; n -= 1) {
    metrics.count(`d.${n}`, 'applied', n);
    metrics.acknowledged(`d.${n}`, Date.now());
  }
  return metrics;
}

const tableOf = (line: string) => /table="([^"]*)"/.exec(line)?.[1];

describe('metrics.tables', () => {
  it('all: every table has a label of its own', async () => {
    expect(await lines(counted('all'), 'tributary_events_total')).toHaveLength(25);
  });

  it('none: no metric has a table label, and what was counted is there', async () => {
    const metrics = counted('none');
    expect(await lines(metrics, 'tributary_events_total')).toEqual([
      'tributary_events_total{stage="test",outcome="applied"} 325',
    ]);
    expect(await metrics.registry.metrics()).not.toContain('table=');
  });

  it('top: those with most events have one, also in histograms, and the others are counted together', async () => {
    const metrics = counted('top');
    const events = await lines(metrics, 'tributary_events_total');
    expect(events.map(tableOf)).toEqual([...Array.from({ length: 20 }, (_, n) => `d.${25 - n}`), 'other']);
    expect(events.at(-1)).toMatch(/ 15$/);
    const latencies = await lines(metrics, 'tributary_end_to_end_latency_seconds');
    expect(new Set(latencies.map(tableOf))).toEqual(new Set(events.map(tableOf)));
  });

  it('top: a table whose place is taken is one of the others, and comes back with more events', async () => {
    const metrics = metricsOf('top');
    for (let n = 0; n < TOP_TABLES; n += 1) metrics.count(`d.${n}`, 'applied', 100 + n);
    metrics.count('d.late', 'applied', 105);
    expect(metrics.label('d.late')).toEqual({ table: 'other' });
    metrics.count('d.late', 'applied', 10);
    expect([metrics.label('d.late'), metrics.label('d.0')]).toEqual([
      { table: 'd.late' },
      { table: 'other' },
    ]);
    await new Promise(setImmediate); // what stood under the label goes behind that
    const shown = (await lines(metrics, 'tributary_events_total')).map(tableOf);
    expect(shown).toHaveLength(TOP_TABLES + 1);
    expect(shown).toEqual(expect.arrayContaining(['d.late', 'd.1', 'other']));
    expect(shown).not.toContain('d.0');
    metrics.count('d.0', 'applied', 500);
    expect(metrics.label('d.0')).toEqual({ table: 'd.0' });
  });

  it('lines of a gauge that come to share a label are one, added up or the highest', async () => {
    const metrics = metricsOf('none');
    const read = () => [
      { labels: { table: 'd.a', stage: 's' }, value: 2 },
      { labels: { table: 'd.b', stage: 's' }, value: 3 },
      { labels: { table: 'd.b', stage: 't' }, value: 4 },
    ];
    metrics.observeEach('a_sum', 'a', ['table', 'stage'], read, (a, b) => a + b);
    metrics.observeEach('a_high', 'a', ['table', 'stage'], read);
    expect(await lines(metrics, 'a_sum')).toEqual(['a_sum{stage="s"} 5', 'a_sum{stage="t"} 4']);
    expect(await lines(metrics, 'a_high')).toEqual(['a_high{stage="s"} 3', 'a_high{stage="t"} 4']);
  });
});
