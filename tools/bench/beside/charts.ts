import * as echarts from 'echarts';
import { median, type Compared } from './figures';
import { rowsOf, type Run } from './run';

type Option = echarts.EChartsOption;

const WIDTH = 900;
const look = {
  backgroundColor: '#ffffff',
  textStyle: { fontFamily: 'Helvetica, Arial, sans-serif', color: '#1f2933' },
  animation: false,
} satisfies Option;
/** Processes of both systems, from the source to the targets. */
const colours: Readonly<Record<string, string>> = {
  ...{ mysql: '#8d99ae', kafka: '#b0b8c6', mongo: '#ccd2dc', redis: '#e3e7ed' },
  ...{ 'trigger-relay': '#0b5fa5', validator: '#2f8fd3', 'mongo-sink': '#16877a', 'redis-sink': '#63b9ae' },
  connect: '#d1495b',
};

function svg(height: number, option: Option): string {
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width: WIDTH, height });
  chart.setOption({ ...look, ...option });
  const text = chart.renderToSVGString();
  chart.dispose();
  return text;
}

/** How far Tributary is ahead of the peer (right of 1) or behind it, for each figure, with its goal. */
export function ratioChart(lines: readonly Compared[], peer: string): string {
  const shown = lines.filter(({ figure, ratio }) => figure.goal !== undefined && ratio > 0).reverse();
  const named = ({ figure, ratio }: Compared) => `${figure.name}:  ${ratio.toFixed(2)}`;
  const ahead = (ratio: number, { figure }: Compared) => (figure.better === 'more' ? ratio : 1 / ratio);
  return svg(90 + 34 * shown.length, {
    title: {
      text: `Times as good as ${peer}`,
      subtext: `diamond: the goal; figures: of ${peer}`,
      left: 16,
      top: 8,
    },
    grid: { left: 380, right: 40, top: 64, bottom: 30 },
    xAxis: { type: 'log', min: 0.25, max: 4, logBase: 2, axisLabel: { formatter: '{value}x' } },
    yAxis: { type: 'category', data: shown.map(named), axisTick: { show: false } },
    series: [
      {
        type: 'bar',
        barWidth: 16,
        data: shown.map((line) => {
          const value = ahead(line.ratio, line);
          return { value, itemStyle: { color: value >= 1 ? '#16877a' : '#d1495b' } };
        }),
        markLine: {
          ...{ silent: true, symbol: 'none', label: { show: false } },
          ...{ data: [{ xAxis: 1 }], lineStyle: { color: '#1f2933', type: 'solid' } },
        },
      },
      {
        type: 'scatter',
        symbol: 'diamond',
        symbolSize: 11,
        itemStyle: { color: '#1f2933' },
        data: shown.map((line, at) => [ahead(line.figure.goal!, line), at]),
      },
    ],
  });
}

const phases = ['snapshot', 'stream', 'latency'] as const;
const phaseNames = { snapshot: 'load, a row', stream: 'stream, a change', latency: '200/s, a change' };

/** Where the processor time of a row or change goes: servers in grey, the pipeline in colour, microseconds. */
export function cpuChart(ours: readonly Run[], peers: readonly Run[], peer: string): string {
  const names = Object.keys(colours);
  const micros = (runs: readonly Run[], phase: (typeof phases)[number], name: string) =>
    median(runs.map((run) => ((run[phase].procs[name]?.cpuS ?? 0) * 1e6) / countOf(run, phase)));
  return svg(450, {
    title: { text: 'Processor time, microseconds', left: 16, top: 8 },
    legend: { top: 36, left: 16, itemGap: 22, itemWidth: 16, data: names },
    grid: phases.map((_phase, at) => ({ left: 110, right: 40, top: 92 + at * 118, height: 74 })),
    xAxis: phases.map((_phase, gridIndex) => ({ type: 'value', gridIndex })),
    yAxis: phases.map((phase, gridIndex) => ({
      ...{ type: 'category', gridIndex, data: [peer, 'Tributary'], axisTick: { show: false } },
      ...{
        name: phaseNames[phase],
        nameLocation: 'end',
        nameGap: 6,
        nameTextStyle: { fontWeight: 'bold', align: 'left' },
      },
    })),
    series: phases.flatMap((phase, at) =>
      names.map((name) => ({
        ...{ type: 'bar' as const, name, stack: phase, xAxisIndex: at, yAxisIndex: at, barWidth: 22 },
        itemStyle: { color: colours[name]! },
        data: [micros(peers, phase, name), micros(ours, phase, name)].map((value) => value || null),
      })),
    ),
  });
}

const countOf = (run: Run, phase: (typeof phases)[number]) =>
  phase === 'snapshot' ? rowsOf(run) : phase === 'stream' ? run.stream.source.changes : run.latency.changes;

/** From the answer to a commit until a target shows it, at 200 changes a second. */
export function delayChart(ours: readonly Run[], peers: readonly Run[], peer: string): string {
  const kinds = [
    ['MongoDB, median', 'mongoMs', 'p50'],
    ['Redis, median', 'redisMs', 'p50'],
    ['MongoDB, p99', 'mongoMs', 'p99'],
    ['Redis, p99', 'redisMs', 'p99'],
  ] as const;
  const data = (runs: readonly Run[]) =>
    kinds.map(([, target, part]) => median(runs.map((run) => run.latency[target][part])));
  const bars = (name: string, runs: readonly Run[], colour: string) => ({
    ...{ type: 'bar' as const, name, barWidth: 34, itemStyle: { color: colour }, data: data(runs) },
    label: {
      show: true,
      position: 'top' as const,
      formatter: ({ value }: { value?: unknown }) => Number(value).toFixed(0),
    },
  });
  return svg(340, {
    title: { text: 'Delay at 200 changes a second, ms', left: 16, top: 8 },
    legend: { top: 10, right: 40, itemGap: 24 },
    grid: { left: 60, right: 30, top: 60, bottom: 36 },
    xAxis: { type: 'category', data: kinds.map(([name]) => name), axisTick: { show: false } },
    yAxis: { type: 'value' },
    series: [bars('Tributary', ours, '#0b5fa5'), bars(peer, peers, '#d1495b')],
  });
}
