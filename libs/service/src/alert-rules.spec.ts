import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

interface Rules {
  readonly groups: readonly {
    readonly rules: readonly {
      readonly alert: string;
      readonly annotations: Readonly<Record<string, string>>;
      readonly labels: Readonly<Record<string, string>>;
    }[];
  }[];
}

const root = join(__dirname, '../../..');
const text = (path: string) => readFileSync(join(root, path), 'utf8');
const rules = (parse(text('deploy/prometheus-alerts.yml')) as Rules).groups.flatMap((group) => group.rules);
const names = rules.map(({ alert }) => alert);
const tests = ['prometheus-alerts.test.yml', 'prometheus-alerts-slow.test.yml'].flatMap(
  (file) => (parse(text(`deploy/${file}`)) as { tests: { name: string }[] }).tests,
);

describe('deploy/prometheus-alerts.yml', () => {
  it('has a section of the runbook for each alert, in the same order, and no other', () => {
    const sections = [...text('docs/runbooks/alerts.md').matchAll(/^## (\S+)$/gm)].map(([, name]) => name);
    expect(sections).toEqual(names);
    for (const { alert, annotations } of rules)
      expect(annotations['runbook_url']).toBe(`docs/runbooks/alerts.md#${alert.toLowerCase()}`);
  });

  it('has a unit test of each alert, and no other but the one of good weather', () => {
    const [calm, ...others] = tests.map(({ name }) => name);
    expect(calm).toBe('nothing fires while all goes well');
    expect([...new Set(others)].sort()).toEqual([...names].sort());
  });

  it('says of each how bad it is', () => {
    const severities = rules.map(({ labels }) => labels['severity']);
    expect([...new Set(severities)].sort()).toEqual(['critical', 'warning']);
  });
});
