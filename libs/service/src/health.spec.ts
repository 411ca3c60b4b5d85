import { HealthRegistry } from './health';

function deferred() {
  let resolve!: () => void;
  return { promise: new Promise<void>((done) => (resolve = done)), resolve };
}

describe('health', () => {
  it('names what is down and what is up', async () => {
    const health = new HealthRegistry();
    health.ready({ name: 'kafka', check: () => undefined });
    health.ready({ name: 'redis', check: () => Promise.reject(new Error('Redis does not answer')) });
    expect(await health.readiness()).toEqual(
      new Map([
        ['kafka', null],
        ['redis', 'Redis does not answer'],
      ]),
    );
    expect(await health.liveness()).toEqual(new Map());
  });

  it('asks a server at most once a second, however many probes come', async () => {
    const health = new HealthRegistry();
    let asked = 0;
    health.ready({ name: 'mysql', check: () => void (asked += 1) });
    await Promise.all([health.readiness(), health.readiness(), health.readiness()]);
    expect(asked).toBe(1);
  });

  it('asks again after a second also when the clock was set back a day meanwhile', async () => {
    const health = new HealthRegistry();
    let asked = 0;
    health.ready({ name: 'mysql', check: () => void (asked += 1) });
    await health.readiness();
    const real = Date.now;
    const clock = jest.spyOn(Date, 'now').mockImplementation(() => real() - 86_400_000);
    await new Promise((resolve) => setTimeout(resolve, 1_050));
    await health.readiness();
    clock.mockRestore();
    expect(asked).toBe(2);
  });

  it('tells within a tenth of a second that a server is there after all', async () => {
    const health = new HealthRegistry();
    let asked = 0;
    health.ready({
      name: 'kafka',
      check: () => {
        asked += 1;
        if (asked === 1) throw new Error('not yet');
      },
    });
    const faults = async () => [...(await health.readiness()).values()];
    expect(await faults()).toEqual(['not yet']);
    expect(await faults()).toEqual(['not yet']);
    expect(asked).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 120));
    expect(await faults()).toEqual([null]);
  });

  it('does not ask a server again that has not answered yet', async () => {
    const health = new HealthRegistry();
    let asked = 0;
    const { promise, resolve } = deferred();
    health.ready({ name: 'mysql', check: () => ((asked += 1), promise) });
    const first = health.readiness();
    await new Promise((settled) => setTimeout(settled, 1_050));
    const second = health.readiness();
    resolve();
    expect([await first, await second]).toEqual([new Map([['mysql', null]]), new Map([['mysql', null]])]);
    expect(asked).toBe(1);
  });

  it('is not ready while it shuts down', async () => {
    const health = new HealthRegistry();
    health.ready({ name: 'kafka', check: () => undefined });
    health.stopping();
    expect([...(await health.readiness()).values()]).toEqual(['the service is shutting down']);
  });
});
