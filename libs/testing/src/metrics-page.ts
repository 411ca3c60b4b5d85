import { readFileSync } from 'node:fs';
import type { Registry } from 'prom-client';

/** One metric, as code registers it or as docs/metrics.md lists it. */
export interface ListedMetric {
  readonly name: string;
  readonly type: string;
  readonly labels: readonly string[];
}

/** A line of docs/metrics.md. */
export interface MetricLine extends ListedMetric {
  /** The alert rules of deploy/prometheus-alerts.yml that stand on it. */
  readonly alerts: readonly string[];
}

/** The columns that tables of the page have; the meaning and the unit are for people. */
const HEAD = ['metric', 'type', 'labels', 'unit', 'meaning', 'alert'];

/** docs/metrics.md by its headings: every section that lists metrics, with them in order of name. */
export function metricsPage(): ReadonlyMap<string, readonly MetricLine[]> {
  const page = readFileSync(new URL('../../../docs/metrics.md', import.meta.url), 'utf8');
  const sections = page.split(/^## /m).slice(1);
  return new Map(
    sections.flatMap((section) => {
      const rows = section.split('\n').filter((line) => line.startsWith('|'));
      const [head, , ...lines] = rows.map(cells);
      if (!head || head.join() !== HEAD.join()) return [];
      return [[section.slice(0, section.indexOf('\n')), lines.map(metricLine).sort(byName)] as const];
    }),
  );
}

/** The metrics of a registry, in order of name. */
export function registeredMetrics(registry: Registry): ListedMetric[] {
  return registry
    .getMetricsAsArray()
    .map((metric) => {
      const { name, type, labelNames } = metric as unknown as {
        readonly name: string;
        readonly type: string;
        readonly labelNames: readonly string[];
      };
      return { name, type, labels: [...labelNames] };
    })
    .sort(byName);
}

/** What the page says of a process, for comparison with its registry. */
export function listedMetrics(...sections: readonly string[]): ListedMetric[] {
  const page = metricsPage();
  return sections
    .flatMap((section) => {
      const lines = page.get(section);
      if (!lines) throw new Error(`docs/metrics.md has no section "${section}" with a table of metrics`);
      return lines.map(({ name, type, labels }) => ({ name, type, labels }));
    })
    .sort(byName);
}

const byName = (a: ListedMetric, b: ListedMetric) => (a.name < b.name ? -1 : 1);

const cells = (row: string): string[] =>
  row
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());

const coded = (cell: string): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, text]) => text!);

function metricLine([name = '', type = '', labels = '', , , alerts = '']: readonly string[]): MetricLine {
  return { name: coded(name).join(), type, labels: coded(labels), alerts: coded(alerts) };
}
