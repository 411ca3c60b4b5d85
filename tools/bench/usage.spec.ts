import { CpuClock, cpuSeconds, peakMemoryMb } from './usage';

describe('usage of a process', () => {
  it('counts processor time as node does', () => {
    const before = process.cpuUsage();
    const clock = new CpuClock({ own: process.pid });
    while (process.cpuUsage(before).user < 300_000) JSON.stringify(new Array(1000).fill('x'));
    const { user, system } = process.cpuUsage(before);
    // The kernel counts in hundredths of a second.
    expect(clock.elapsed().own).toBeGreaterThan((user + system) / 1e6 - 0.1);
    expect(clock.elapsed().own).toBeLessThan((user + system) / 1e6 + 0.5);
  });

  it('knows the peak of the resident memory', () => {
    expect(peakMemoryMb(process.pid)).toBeGreaterThanOrEqual((process.memoryUsage().rss / 1e6) * 0.9);
  });

  it('knows nothing of a process that is gone', () => {
    expect([cpuSeconds(2 ** 30), peakMemoryMb(2 ** 30)]).toEqual([NaN, NaN]);
  });
});
