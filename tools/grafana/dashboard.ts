import { rows, type Panel } from './panels';

/** Grafana's grid is 24 wide. */
const WIDTH = 24;
const sizes = { stat: { w: 4, h: 5 }, table: { w: 4, h: 5 }, timeseries: { w: 8, h: 8 } } as const;

const datasource = { type: 'prometheus', uid: '${datasource}' };

/** Label values of a metric, for a choice of several or all. */
const choice = (name: string, label: string) => ({
  ...{ type: 'query', name, label, datasource, refresh: 2, multi: true, includeAll: true, allValue: '.*' },
  query: { query: `label_values(tributary_lag_seconds, ${name})`, refId: name },
  ...{ sort: 1, current: { text: 'All', value: '$__all' } },
});

function panel(
  { title, description, unit, kind = 'timeseries', queries, bad }: Panel,
  id: number,
  at: object,
) {
  const steps = [
    { color: 'green', value: null },
    ...(bad === undefined ? [] : [{ color: 'red', value: bad }]),
  ];
  return {
    ...{ id, type: kind, title, description, datasource, gridPos: at },
    fieldConfig: {
      defaults: { unit, min: 0, thresholds: { mode: 'absolute', steps } },
      overrides: [],
    },
    options: kind === 'stat' ? { reduceOptions: { calcs: ['lastNotNull'] }, colorMode: 'background' } : {},
    targets: queries.map(([expr, legendFormat], nth) => ({
      ...{ refId: String.fromCharCode(65 + nth), datasource, expr, legendFormat },
      ...(kind === 'table' && { instant: true, format: 'table' }),
    })),
  };
}

/** The dashboard as Grafana imports it (schema of Grafana 10). */
function dashboard(): object {
  const panels: object[] = [];
  let y = 0;
  for (const { title, panels: own } of rows) {
    panels.push({
      ...{ id: panels.length + 1, type: 'row', title, collapsed: false, panels: [] },
      gridPos: { x: 0, y, w: WIDTH, h: 1 },
    });
    y += 1;
    let [x, height] = [0, 0];
    for (const one of own) {
      const { w, h } = sizes[one.kind ?? 'timeseries'];
      if (x + w > WIDTH) [x, y, height] = [0, y + height, 0];
      panels.push(panel(one, panels.length + 1, { x, y, w, h }));
      x += w;
      height = Math.max(height, h);
    }
    y += height;
  }
  return {
    ...{ uid: 'tributary', title: 'Tributary', tags: ['tributary'], schemaVersion: 39, editable: true },
    ...{ time: { from: 'now-1h', to: 'now' }, refresh: '10s', timezone: 'browser' },
    templating: {
      list: [
        { type: 'datasource', name: 'datasource', label: 'Data source', query: 'prometheus' },
        choice('stage', 'Stage'),
        choice('table', 'Table'),
      ],
    },
    annotations: {
      list: [
        {
          ...{ name: 'Alerts', enable: true, datasource, iconColor: 'red' },
          ...{ expr: 'ALERTS{alertname=~"Tributary.*",alertstate="firing"}', titleFormat: '{{alertname}}' },
        },
      ],
    },
    panels,
  };
}

/** What stands in deploy/grafana/tributary.json. */
export const dashboardText = (): string => `${JSON.stringify(dashboard(), null, 2)}\n`;
