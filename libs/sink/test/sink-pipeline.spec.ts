import { setTimeout as sleep } from 'node:timers/promises';
import { deadLetterHeader, headerText } from '@tributary/contract';
import { stackEnv, TcpProxy, uniqueName, waitFor } from '@tributary/testing';
import type { RunningSink } from './running-sink';
import { SinkFixture, version } from './sink-fixture';
import { mongoTarget, redisTarget, type TestTarget } from './targets';

jest.setTimeout(60_000);

const row = (id: number, log: number) => ({ id, name: `n${log}`, qty: log });

interface Case {
  readonly target: 'mongo' | 'redis';
  readonly address: () => string;
  readonly open: (proxy: TcpProxy) => Promise<TestTarget>;
}

const cases: Case[] = [
  {
    target: 'mongo',
    address: () => new URL(stackEnv().MONGODB_URI).host,
    open: (proxy) => mongoTarget(`mongodb://${proxy.address}/?directConnection=true`),
  },
  {
    target: 'redis',
    address: () => new URL(stackEnv().REDIS_URL).host,
    open: (proxy) => redisTarget(`redis://${proxy.address}/0`),
  },
];

describe.each(cases)('the $target sink', ({ target: name, address, open }) => {
  const app = `${name}-sink`;
  const prefix = uniqueName(`sink_${name}`);
  let proxy: TcpProxy;
  let target: TestTarget;
  let fixture: SinkFixture;
  let sink: RunningSink;

  const start = async () =>
    (sink = await fixture.start(
      ...([name, target.writer] as const),
      ...([(of: string) => target.positions(of), (of: string) => target.notes(of), target.places] as const),
    ));
  const caughtUp = () =>
    waitFor(async () => (await fixture.lag(app)) === 0n, { timeoutMs: 30_000, everyMs: 200 });

  beforeAll(async () => {
    proxy = await TcpProxy.open(address());
    target = await open(proxy);
    fixture = new SinkFixture(prefix, target.schema);
    await fixture.open();
    await start();
  });
  afterAll(async () => {
    await sink.stop();
    await fixture.close();
    await target.close();
    await proxy.close();
  });

  it('R11, R12: applies what is good, buries what is bad, confirms both', async () => {
    await fixture.publish([
      { id: 1, log: 1, row: row(1, 1) },
      { id: 2, log: 2, row: row(2, 2), damage: true },
      { id: 3, log: 3, row: row(3, 3) },
      { id: 1, log: 4, row: row(1, 4) },
      { id: 3, log: 5 },
    ]);
    await fixture.control('load', 0, [0]);
    await fixture.publish([{ id: 5, log: 6, row: row(5, 6) }], 1);
    await caughtUp();
    const held = await Promise.all([1, 2, 3, 5].map((id) => target.held(id)));
    expect(held.map((item) => item?.version)).toEqual([version(4), undefined, undefined, version(6)]);
    const letters = await fixture.deadLetters();
    expect(letters.map(({ headers }) => headerText(headers, deadLetterHeader.code))).toEqual([
      'CRC_MISMATCH',
    ]);
    expect(headerText(letters[0]!.headers, deadLetterHeader.stage)).toBe(app);
    expect(await sink.counted()).toMatchObject({ applied: 3, dead_letter: 1 });
    // 7 records in partition 0: 5 events, the tombstone of the delete, the control record.
    expect(await target.positions(`${prefix}.${app}`).read([0, 1])).toEqual(
      new Map([
        [0, 7n],
        [1, 1n],
      ]),
    );
  });

  it('R11: waits while the target is away, and goes on where it was', async () => {
    proxy.cut({ refuse: true });
    // The MongoDB driver waits a minute for the answer to a command that it writes while its connection closes.
    await sleep(500);
    await fixture.publish([{ id: 10, log: 20, row: row(10, 20) }]);
    await waitFor(() => sink.pipeline.server.state.trouble !== null, { timeoutMs: 20_000 });
    expect(sink.pipeline.server.state.trouble).toMatch(name === 'mongo' ? /MongoDB/ : /Redis/);
    expect(await fixture.lag(app)).toBe(1n);
    proxy.accept();
    await caughtUp();
    expect((await target.held(10))?.version).toBe(version(20));
    expect(sink.pipeline.server.state.trouble).toBeNull();
    expect(await fixture.deadLetters()).toHaveLength(1);
  });

  it('R12: a target that was emptied while nothing happens gets its events again', async () => {
    await target.wipe(`${prefix}.${app}`);
    expect(await target.held(1)).toBeUndefined();
    await waitFor(async () => (await target.held(10)) && (await target.held(5)), {
      timeoutMs: 20_000,
      everyMs: 200,
    });
    await caughtUp();
    expect((await target.held(1))?.version).toBe(version(4));
    expect(await target.held(3)).toBeUndefined();
  });

  it('R12: a target that was set back while the sink was away gets its events again from there', async () => {
    await sink.stop();
    await target.wipe(`${prefix}.${app}`);
    await target.positions(`${prefix}.${app}`).put(0, 7n);
    await target.positions(`${prefix}.${app}`).put(1, 1n);
    await start();
    await waitFor(() => target.held(10), { timeoutMs: 20_000 });
    await caughtUp();
    expect(await target.held(1)).toBeUndefined();
    expect(await target.positions(`${prefix}.${app}`).read([0, 1])).toEqual(
      new Map([
        [0, 8n],
        [1, 1n],
      ]),
    );
  });

  it('R5: when a load has ended on all partitions, what it did not find is gone, but for rows that it could not bring', async () => {
    const held = async (ids: number[]) =>
      (await Promise.all(ids.map((id) => target.held(id)))).map((item) => item?.version);
    await fixture.publish([40, 41, 42, 43].map((id) => ({ id, log: 100, row: row(id, 100) })));
    await fixture.control('load', 200);
    await fixture.publish([
      { id: 40, log: 210, row: row(40, 210) },
      // A row of the load that ends as a dead letter: the source has it, what the target holds of it stays.
      { id: 41, log: 210, row: row(41, 210), damage: true },
    ]);
    await fixture.control('sweep', 200, [0]);
    await caughtUp();
    expect(await held([40, 41, 42, 43])).toEqual([210, 100, 100, 100].map((log) => version(log)));
    await fixture.control('sweep', 200, [1]);
    await caughtUp();
    expect(await held([40, 41, 42, 43, 1, 5])).toEqual([
      ...[version(210), version(100), undefined, undefined, undefined, undefined],
    ]);
    expect(await sink.counted()).toMatchObject({ swept: expect.any(Number) });
    // Repeats, as after a crash of the relay or a consumer that goes back, change nothing.
    await fixture.publish([{ id: 42, log: 199, row: row(42, 199) }]);
    await fixture.control('load', 200);
    await fixture.control('sweep', 200);
    await caughtUp();
    expect(await held([40, 41, 42])).toEqual([version(210), version(100), undefined]);
  });

  it('R8: after a TRUNCATE a load of no rows empties the target, but for what came since', async () => {
    await fixture.publish([{ id: 50, log: 250, row: row(50, 250) }]);
    await fixture.control('load', 300);
    await fixture.publish([{ id: 51, log: 310, row: row(51, 310) }]);
    await fixture.control('sweep', 300);
    await caughtUp();
    expect(await target.held(50)).toBeUndefined();
    expect(await target.held(40)).toBeUndefined();
    expect((await target.held(51))?.version).toBe(version(310));
  });

  it('R11: a malformed control record is a dead letter and moves nothing', async () => {
    const before = (await fixture.deadLetters()).length;
    await fixture.control('sweep', -1, [0]);
    await caughtUp();
    const letters = (await fixture.deadLetters()).slice(before);
    expect(letters.map(({ headers }) => headerText(headers, deadLetterHeader.code))).toEqual([
      'INVALID_HEADERS',
    ]);
    expect(await target.held(51)).toBeDefined();
  });

  it('the lag of a table rises while the target is away, from scrape to scrape, and ends with it', async () => {
    const { registry } = sink.context.metrics;
    const lag = async () => {
      const { values } = await registry.getSingleMetric('tributary_lag_seconds')!.get();
      return values.find(({ labels }) => labels['table'] === target.schema.table)?.value;
    };
    expect(await lag()).toBe(0);
    proxy.cut({ refuse: true });
    await sleep(500);
    await fixture.publish([{ id: 11, log: 21, row: row(11, 21) }]);
    const seen: number[] = [];
    await waitFor(async () => seen.push((await lag())!) > 0 && seen.at(-1)! > 6, {
      timeoutMs: 20_000,
      everyMs: 100,
    });
    // Also while the batch is not worked on, between two tries.
    const risen = seen.slice(seen.findIndex((seconds) => seconds > 0));
    expect(risen).toEqual([...risen].sort((a, b) => a - b));
    proxy.accept();
    await waitFor(async () => (await lag()) === 0, { timeoutMs: 30_000, everyMs: 100 });
    expect((await target.held(11))?.version).toBe(version(21));
  });
});
