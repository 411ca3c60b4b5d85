import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { prometheusPrograms } from '@tributary/dev-stack';
import { long } from '@tributary/testing';

const deploy = join(__dirname, '../deploy');

describe('the alert rules', () => {
  it.each([
    ['are such that Prometheus takes them', 'check', 'prometheus-alerts.yml'],
    ['do what their unit tests say', 'test', 'prometheus-alerts.test.yml'],
    // Half of a minute of promtool's.
    ...(long ? [['do so over hours and days', 'test', 'prometheus-alerts-slow.test.yml']] : []),
  ])('%s', async (_, verb, file) => {
    const { promtool } = await prometheusPrograms(() => undefined);
    const run = () => execFileSync(promtool, [verb, 'rules', file], { cwd: deploy, encoding: 'utf8' });
    expect(run()).toContain('SUCCESS');
  });
});
