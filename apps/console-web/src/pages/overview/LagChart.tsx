import '@mantine/charts/styles.css';
import { LineChart } from '@mantine/charts';
import type { Overview } from '@tributary/console-api';

const minute = (time: string) => time.slice(11, 16);

/** Lag in seconds and changes a second, as this console saw them; the sentence above says it in words. */
export function LagChart({ history }: { history: Overview['history'] }) {
  const data = history.map(({ at, lagSeconds, perSecond }) => ({
    at: minute(new Date(at).toISOString()),
    'lag (s)': lagSeconds,
    'changes/s': perSecond,
  }));
  return (
    <figure style={{ margin: 0 }} aria-label="Lag and rate of the last hour, UTC">
      <LineChart
        h={220}
        data={data}
        dataKey="at"
        withDots={false}
        withLegend
        withRightYAxis
        curveType="linear"
        strokeWidth={2}
        series={[
          { name: 'lag (s)', color: 'var(--tone-trouble)' },
          { name: 'changes/s', color: 'var(--tone-busy)', yAxisId: 'right' },
        ]}
        lineProps={{ isAnimationActive: false }}
        xAxisProps={{ minTickGap: 48 }}
      />
    </figure>
  );
}
