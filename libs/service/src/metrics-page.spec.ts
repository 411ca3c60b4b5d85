import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { metricsPage } from '@tributary/testing';
import { parse } from 'yaml';

interface Rules {
  readonly groups: readonly {
    readonly rules: readonly { readonly alert: string; readonly expr: string }[];
  }[];
}

const rules = parse(readFileSync(join(__dirname, '../../../deploy/prometheus-alerts.yml'), 'utf8')) as Rules;

describe('docs/metrics.md', () => {
  it('has a section for each process whose registry a test compares with it, and no other', () => {
    expect([...metricsPage().keys()]).toEqual([
      'Every service',
      'Stages',
      'trigger-relay',
      'Consumers',
      'validator',
      'Sinks',
      'tributary verify --continuous',
      'Process and Node.js',
    ]);
  });

  it('names beside each metric the alerts that stand on it, and no other', () => {
    const stated = [...metricsPage().values()]
      .flat()
      .flatMap(({ name, alerts }) => alerts.map((alert) => `${alert}: ${name}`));
    const wanted = rules.groups
      .flatMap((group) => group.rules)
      .flatMap(({ alert, expr }) =>
        [...new Set(expr.match(/tributary_\w+/g))].map((name) => `${alert}: ${name}`),
      );
    expect(stated.sort()).toEqual(wanted.sort());
  });
});
