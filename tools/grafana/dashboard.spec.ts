import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { metricsPage } from '@tributary/testing';
import { dashboardText } from './dashboard';
import { rows } from './panels';

describe('deploy/grafana/tributary.json', () => {
  it('is what `npm run dashboard` writes', () => {
    const file = join(__dirname, '../../deploy/grafana/tributary.json');
    expect(readFileSync(file, 'utf8')).toBe(dashboardText());
  });

  it('asks for metrics only that docs/metrics.md lists', () => {
    const listed = new Set([...metricsPage().values()].flat().map(({ name }) => name));
    const asked = rows
      .flatMap(({ panels }) => panels)
      .flatMap(({ queries }) => queries)
      .flatMap(([expr]) => expr.match(/\b(?:tributary|process|nodejs)_\w+/g) ?? [])
      .map((name) => name.replace(/_bucket$/, ''));
    expect([...new Set(asked)].filter((name) => !listed.has(name))).toEqual([]);
  });
});
