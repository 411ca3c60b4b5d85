import { listedMetrics, registeredMetrics } from '@tributary/testing';
import { VerifyMetrics } from './verify-metrics';

describe('docs/metrics.md', () => {
  it('lists the metrics of verify --continuous, and no other', () => {
    expect(registeredMetrics(new VerifyMetrics().registry)).toEqual(
      listedMetrics('tributary verify --continuous'),
    );
  });
});
