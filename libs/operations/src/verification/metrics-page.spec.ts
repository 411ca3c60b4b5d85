import { listedMetrics, registeredMetrics } from '@tributary/testing';
import { Registry } from 'prom-client';
import { VerificationMetrics } from './verification-metrics';

describe('docs/metrics.md', () => {
  it('lists the metrics of verify --continuous, and no other', () => {
    const registry = new Registry();
    new VerificationMetrics({ registry, label: (table) => ({ table }) });
    expect(registeredMetrics(registry)).toEqual(listedMetrics('tributary verify --continuous'));
  });
});
